/** `step`: what follows `#/tour/`; empty for the beginning. */
export default function Tour({ step }: { step: string }) {
  return <h1>Tour {step}</h1>;
}
