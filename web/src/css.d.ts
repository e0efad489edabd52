// Properties of style sheets that elements set themselves.

import "react";

declare module "react" {
  interface CSSProperties {
    /** A colour that belongs to a name, in degrees. */
    "--hue"?: number;
  }
}
