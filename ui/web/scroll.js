// Shows the top of the page, or what is named if it stands low, when the question is another one.

const PAUSE = 100; // milliseconds
const TRIES = 300;
const SETTLED = 20; // looks at what is there, until pictures above it have come

export default function ({ data, parentElement }) {
  const mark = parentElement.querySelector("span");
  if (data.of === null || mark.dataset.of === data.of) return;
  mark.dataset.of = data.of;
  if (data.to) showAnswer(data.to, TRIES);
  else document.querySelector("[data-testid='stMain']").scrollTo({ top: 0 });
}

// The page may not have drawn it yet, and pictures that come later may push it down. Whoever scrolls
// meanwhile is let go where they will, and nothing moves under a pointer that is pressed: there would
// be no click.
function showAnswer(name, tries) {
  let own = false;
  const leave = () => { own = true; };
  const moves = ["wheel", "touchmove", "pointerdown", "keydown"];
  moves.forEach((move) => addEventListener(move, leave, { once: true, passive: true }));
  let seen = SETTLED;
  const look = () => {
    const answer = document.querySelector(name);
    if (own || tries-- === 0 || seen === 0) {
      moves.forEach((move) => removeEventListener(move, leave));
      return;
    }
    if (answer) seen -= 1;
    const top = answer?.getBoundingClientRect().top ?? 0;
    if (top < 0 || top > innerHeight / 2) answer.scrollIntoView();
    setTimeout(look, PAUSE);
  };
  look();
}
