// A lecturer's tasks: a Markdown file with a title and a numbered list, read and written.

import { asText, fromText, packed, unpacked } from "../shared/bytes.js";

const MOST_TASKS = 50;
const LONGEST = 2000; // letters of a task
export const LONGEST_FILE = 100_000; // bytes
const LONGEST_LINK = 6000; // letters, which every browser and every proxy lets through

function refusedLine(line, advice) {
  return Object.assign(new Error(advice), { advice: `Line ${line}: ${advice}` });
}

// {title, tasks} of the text; an error with .advice where it is none, naming the line.
export function tasksFrom(text) {
  const found = { title: "", tasks: [] };
  text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/).forEach((whole, at) => readLine(found, whole.trim(), at + 1));
  if (!found.title) throw refusedLine(1, "a file of tasks begins with a title, such as “# Attention in translation”.");
  if (!found.tasks.length) throw refusedLine(2, "no task was found: each begins with its number, such as “1. Find a head ...”.");
  return found;
}

function readLine(found, line, number) {
  if (!line) return;
  const title = /^#\s+(.+)$/.exec(line);
  const task = /^\d+[.)]\s+(.+)$/.exec(line);
  if (title && !found.title) [, found.title] = title;
  else if (!found.title) throw refusedLine(number, "a file of tasks begins with a title, such as “# Attention in translation”.");
  else if (task) found.tasks.push(task[1]);
  else if (line.startsWith("#")) throw refusedLine(number, "there is one title: what comes below it is a numbered list.");
  else if (/^\d+[.)]?$/.test(line)) throw refusedLine(number, "this task has no words.");
  else if (found.tasks.length) found.tasks[found.tasks.length - 1] += ` ${line}`;
  else throw refusedLine(number, "below the title each task begins with its number, such as “1. Find a head ...”.");
  if (found.tasks.length > MOST_TASKS) throw refusedLine(number, `a sheet has up to ${MOST_TASKS} tasks.`);
  if (Math.max(found.title.length, found.tasks[found.tasks.length - 1]?.length ?? 0) > LONGEST) {
    throw refusedLine(number, `a task is up to ${LONGEST} letters long.`);
  }
}

export const tasksAsText = ({ title, tasks }) => `# ${title}\n\n${tasks.map((task, k) => `${k + 1}. ${task}`).join("\n")}\n`;

// The tasks as a word for an address, so that a link brings them along and no server keeps them.
export async function tasksAsWord(given) {
  const bytes = await packed(new TextEncoder().encode(tasksAsText(given)));
  const word = asText(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  if (word.length > LONGEST_LINK) throw Object.assign(new Error("too long"), { advice: "These tasks are too long for a link: hand out the file." });
  return word;
}

export async function tasksFromWord(word) {
  let text = "";
  try {
    if (word.length > LONGEST_LINK) throw new Error("too long");
    const bytes = await unpacked(fromText(word.replace(/-/g, "+").replace(/_/g, "/")), LONGEST_FILE);
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw Object.assign(error, { advice: "The tasks in this link are not whole: ask for the link again." });
  }
  return tasksFrom(text);
}
