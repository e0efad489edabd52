export default function Inspector() {
  return <h1>Inspector</h1>;
}
