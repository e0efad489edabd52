// Whether the page came over TLS: its links then speak TLS too.

export const overTls = globalThis.window?.location.protocol === "https:";
