// How far somebody came in each lesson, and what they guessed: in this browser alone, and no more than it can hold.

const LESSONS = "gaze:lessons";
const MOST_LESSONS = 60; // lessons

export function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(LESSONS) || "{}");
    return found && typeof found === "object" && !Array.isArray(found) ? found : {};
  } catch {
    return {}; // a browser that keeps nothing, or something else under this name
  }
}

export function keep(all) {
  const last = Object.entries(all).sort(([, one], [, other]) => (other.when || 0) - (one.when || 0)).slice(0, MOST_LESSONS);
  try {
    localStorage.setItem(LESSONS, JSON.stringify(Object.fromEntries(last)));
  } catch {
    // as above: the lesson goes on, and a reload forgets what was answered
  }
}

// What is kept of a lesson: {at, ended, steps: {number: what was answered or done}}.
export function progressOf(name) {
  const one = kept()[name];
  const steps = one?.steps && typeof one.steps === "object" ? one.steps : {};
  return { at: Number(one?.at) || 1, ended: Boolean(one?.ended), steps };
}

export function note(name, change) {
  const all = kept();
  // A clock that is set back makes no lesson older than those before it: what is not kept is the oldest.
  const last = Math.max(0, ...Object.values(all).map((one) => Number(one?.when) || 0));
  all[name] = { ...progressOf(name), ...change, when: Math.max(Date.now(), last + 1) };
  keep(all);
}

export function noteStep(name, number, change) {
  const { steps } = progressOf(name);
  note(name, { steps: { ...steps, [number]: { ...steps[number], ...change } } });
}
