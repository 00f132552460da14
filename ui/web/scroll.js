// Shows the top of the page when the question is another one.

export default function ({ data, parentElement }) {
  const mark = parentElement.querySelector("span");
  if (data.of === null || mark.dataset.of === data.of) return;
  mark.dataset.of = data.of;
  document.querySelector("[data-testid='stMain']").scrollTo({ top: 0 });
}
