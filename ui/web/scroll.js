// Shows the top of the page, or what is named if it stands low, when the question is another one.

const TRIES = 20;

export default function ({ data, parentElement }) {
  const mark = parentElement.querySelector("span");
  if (data.of === null || mark.dataset.of === data.of) return;
  mark.dataset.of = data.of;
  if (data.to) showAnswer(data.to, TRIES);
  else document.querySelector("[data-testid='stMain']").scrollTo({ top: 0 });
}

// The page may not have drawn it yet, and pictures that come later may push it down.
function showAnswer(name, tries) {
  const top = document.querySelector(name)?.getBoundingClientRect().top ?? 0;
  if (top > innerHeight / 2) document.querySelector(name).scrollIntoView();
  if (tries > 0) setTimeout(showAnswer, 100, name, tries - 1);
}
