// Whether this gate is shut, by what its setup says: also of closures that begin or end while there is
// no network. What ends last comes first in the list, and that one is told.
const isInForce = (closure, now) =>
  Date.parse(closure.since) <= now && !(closure.until && Date.parse(closure.until) <= now);

export const closedBy = (setup, now = Date.now()) => setup?.closures?.find((each) => isInForce(each, now)) ?? null;

// The same answer as the server's: nothing of the ticket is looked at, and nothing is kept.
export const closedAnswer = (closure) => ({ outcome: "closed", reason: "gate_closed", closure, lines: [], persons: 0 });
