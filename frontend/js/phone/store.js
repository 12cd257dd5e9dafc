// What this device keeps, one database per reader: entries not sent yet, and names to choose from.
import { deleteDB, openDB } from "idb";

const PREFIX = "salesorg-";
const opened = new Map();

export const phone = () => document.getElementById("phone")?.dataset;
export const reader = () => phone()?.reader ?? "";
export const say = (name, values = {}) => (phone()?.[name] ?? "").replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);

function database() {
  const name = PREFIX + reader();
  if (!opened.has(name)) {
    opened.set(
      name,
      openDB(name, 1, {
        upgrade(db) {
          // A running number keeps the order; random ids would be replayed shuffled.
          db.createObjectStore("queue", { keyPath: "seq", autoIncrement: true });
          db.createObjectStore("book");
        },
        blocking: (_old, _new, event) => event.target.close(),
      }),
    );
  }
  return opened.get(name);
}

export const newId = () =>
  crypto.randomUUID?.() ??
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16),
  );

export const entries = async () => (await database()).getAll("queue");
export const addEntry = async (entry) => (await database()).add("queue", { state: "waiting", tries: 0, made: Date.now(), ...entry });
export const dropEntry = async (seq) => (await database()).delete("queue", seq);
export async function changeEntry(seq, fields) {
  const transaction = (await database()).transaction("queue", "readwrite");
  const entry = await transaction.store.get(seq);
  if (entry) await transaction.store.put({ ...entry, ...fields });
  await transaction.done;
}

export const readBook = async (key) => (await database()).get("book", key);
export const writeBook = async (key, value) => (await database()).put("book", value, key);

// At sign-out everything of this reader goes; when another reader comes, the names of the former one go.
// What a former reader has not sent stays theirs alone: nobody else sees or sends it.
export async function forgetAll() {
  const name = PREFIX + reader();
  (await opened.get(name))?.close();
  opened.delete(name);
  await deleteDB(name);
}

export async function forgetOthers() {
  for (const { name } of (await indexedDB.databases?.()) ?? []) {
    if (!name?.startsWith(PREFIX) || name === PREFIX + reader()) continue;
    const db = await openDB(name);
    if (db.objectStoreNames.contains("book")) await db.clear("book");
    const left = db.objectStoreNames.contains("queue") ? await db.count("queue") : 0;
    db.close();
    if (!left) await deleteDB(name);
  }
}
