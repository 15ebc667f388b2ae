// node check_seals.mjs talks.jsonl: is every line as it was sealed, behind the one before it?
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const heads = new Map(); // of each negotiation, the position and the hash of its last record

function check(line) {
  const record = JSON.parse(Buffer.from(line, "latin1"));
  const at = line.lastIndexOf(',"hash":"'); // the member is that, 64 digits and a quotation mark
  const text = line.slice(0, at) + line.slice(at + 9 + 64 + 1);
  const hash = createHash("sha256").update(text, "latin1").digest("hex");
  if (record.hash !== hash) throw Error("is not what was sealed");
  const names = Object.keys(record), place = names.indexOf("hash");
  const sorted = names[place - 1] < "hash" && names[place + 1] > "hash";
  if (!sorted) throw Error("has its hash elsewhere");
  const head = heads.get(record.source) ?? { position: 0 };
  if (record.prevhash !== head.hash) throw Error("was sealed behind another record");
  heads.set(record.source, { position: head.position + 1, hash });
}

const lines = readFileSync(process.argv[2], "latin1").split("\n"); // a character for each byte
const last = lines.length - 1; // what stands behind the end of the last line: nothing
lines.forEach((line, index) => {
  try {
    if (index === last && line) throw Error("has no end");
    if (!/^[ \t\r]*$/.test(line)) check(line);
  } catch (error) {
    console.error(`line ${index + 1}: ${error.message}`);
    process.exit(1);
  }
});
for (const [source, { position, hash }] of heads) console.log(source, position, hash);
