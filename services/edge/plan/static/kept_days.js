// The days this phone has opened, so that they are found again when a link is lost. Addresses and dates
// alone, in this browser alone: nobody is told.
const NAME = "meguri-days";
const MOST = 10;
const KEPT_MS = 30 * 86_400_000; // after the day

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return found.filter(({ id, date }) => typeof id === "string" && Date.parse(date) + KEPT_MS > Date.now());
  } catch {
    return []; // a browser that keeps nothing, or something else that was written there
  }
}

function write(days) {
  try {
    localStorage.setItem(NAME, JSON.stringify(days.slice(0, MOST)));
  } catch { /* full, or not allowed: then none is found again */ }
}

// The day opened last comes first.
export const remember = (id, date) => write([{ id, date }, ...read().filter((each) => each.id !== id)]);

// What is left once a day is known to be gone.
export function without(id) {
  const left = read().filter((each) => each.id !== id);
  write(left);
  return left;
}
