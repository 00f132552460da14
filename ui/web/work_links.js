// Tells of clicks on links to works, which stay links for a new tab.

export default function ({ setTriggerValue }) {
  const follow = (event) => {
    const link = event.target.closest?.("a.v-to-work");
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || elsewhere || event.button !== 0) return;
    event.preventDefault();
    setTriggerValue("work", new URL(link.href).searchParams.get("id"));
  };
  document.addEventListener("click", follow);
  return () => document.removeEventListener("click", follow);
}
