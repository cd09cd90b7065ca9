import { leadInLength, talksAbout } from "./about-answer.ts";

/** How languages announce an answer: their words for it, and what may stand between such a word and the answer. */
const languages: Record<string, { answer: string[]; is: string[] }> = {
  English: {
    answer: ["answer", "answers", "ans"],
    is: [
      "is",
      "are",
      "was",
      "equals",
      "would be",
      "will be",
      "should be",
      "must be",
      "has to be",
      "can only be",
      "seems to be",
      "appears to be",
      "turns out to be",
      "comes out to be",
    ],
  },
  German: { answer: ["antwort", "endantwort", "lösung"], is: ["ist", "lautet", "wäre", "sind", "heißt"] },
  Spanish: { answer: ["respuesta"], is: ["es", "sería", "son"] },
  French: { answer: ["réponse", "reponse"], is: ["est", "serait", "sont"] },
  Portuguese: { answer: ["resposta", "gabarito"], is: ["é", "seria", "são"] },
  Italian: { answer: ["risposta"], is: ["è", "sarebbe", "sono"] },
  Catalan: { answer: ["resposta"], is: ["és"] },
  Dutch: { answer: ["antwoord"], is: ["is", "luidt"] },
  Scandinavian: { answer: ["svar", "svaret"], is: ["är", "er"] },
  Finnish: { answer: ["vastaus"], is: ["on"] },
  Polish: { answer: ["odpowiedź", "odpowiedz", "odp"], is: ["to", "jest"] },
  Czech: { answer: ["odpověď", "odpoveď"], is: ["je"] },
  Croatian: { answer: ["odgovor", "одговор"], is: ["je", "је"] },
  Hungarian: { answer: ["válasz"], is: [] },
  Romanian: { answer: ["răspuns", "răspunsul", "raspuns"], is: ["este"] },
  Greek: { answer: ["απάντηση"], is: ["είναι"] },
  Russian: { answer: ["ответ", "ответом"], is: ["это", "является", "будет", "равен"] },
  Ukrainian: { answer: ["відповідь"], is: ["це"] },
  Bulgarian: { answer: ["отговор", "отговорът"], is: [] },
  Turkish: { answer: ["cevap", "cevabı", "yanıt", "yanıtı"], is: [] },
  Indonesian: { answer: ["jawaban", "jawabannya", "jawapan"], is: ["adalah", "ialah", "yaitu"] },
  Vietnamese: { answer: ["đáp án", "đáp số", "câu trả lời", "trả lời"], is: ["là"] },
  Tagalog: { answer: ["sagot"], is: ["ay"] },
  Swahili: { answer: ["jibu"], is: ["ni"] },
  Arabic: { answer: ["الإجابة", "الاجابة", "الجواب", "إجابة", "جواب"], is: ["هي", "هو"] },
  Persian: { answer: ["پاسخ"], is: [] },
  Hebrew: { answer: ["תשובה", "התשובה"], is: ["היא"] },
  Hindi: { answer: ["उत्तर", "जवाब"], is: ["है"] },
  Bengali: { answer: ["উত্তর"], is: ["হল", "হলো"] },
  Thai: { answer: ["คำตอบ"], is: ["คือ"] },
  Chinese: {
    answer: ["答案", "答", "回答"],
    is: ["应该是", "應該是", "应为", "應為", "就是", "是", "为", "為"],
  },
  Japanese: { answer: ["答え", "正解", "解答", "回答"], is: ["は", "が"] },
  Korean: { answer: ["정답", "답변", "답"], is: ["은", "는", "이"] },
};

/** Scripts whose words stand without spaces. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]/u;
const sign = "(?:[:：=→⇒﹕∶]|->|=>|:=)";
const adjective =
  "final|correct|correcte|correcta|correta|corretta|finale|richtig|benar|yang benar|đúng|الصحيحة|النهائية|poprawna";
const mark = "[\\s*_`\"'”]";

/** What may stand between a word for the answer and the answer, by the language's copulas. */
function linkWith(copulas: string[]): RegExp {
  const run = copulas.filter((copula) => unspaced.test(copula)).join("|");
  const spaced = copulas.filter((copula) => !unspaced.test(copula)).join("|");
  const ways = [
    `(?:[ \\t]+(?:${adjective}))?\\.?${mark}*${sign}`,
    spaced &&
      `(?:,?[ \\t]+[\\p{L}\\p{M}\\w'’-]+){0,5}?,?[ \\t]+(?:${spaced})(?![\\p{L}\\p{M}'’])\\s*${sign}?`,
    run &&
      `[\\s*_]*(?:[\\p{sc=Han}\\p{sc=Hangul}\\p{sc=Hiragana}]{0,4}?|\\p{sc=Thai}{0,14}?)(?:${run})\\s*${sign}?`,
    "[*_#]+\\s*\\n",
  ].filter((way) => way !== "");
  return new RegExp(`^(?:${ways.join("|")})(?:[\\s*_>]|${sign})*`, "iu");
}

/** Copulas by the word that they follow, composed and decomposed; a word of two languages has those of both. */
const copulas = new Map<string, string[]>();
for (const { answer, is } of Object.values(languages))
  for (const word of answer)
    for (const form of [word, word.normalize("NFKC")])
      copulas.set(form, [
        ...(copulas.get(form) ?? []),
        ...is,
        ...is.map((copula) => copula.normalize("NFKC")),
      ]);
const links = new Map([...copulas].map(([word, is]) => [word, linkWith([...new Set(is)])]));

const byLength = [...copulas.keys()].sort((a, b) => b.length - a.length);
const spacedWords = byLength.filter((word) => !unspaced.test(word)).join("|");
const runWords = byLength.filter((word) => unspaced.test(word)).join("|");
const mention = new RegExp(`(?<![\\p{L}\\p{M}])(?:${spacedWords})(?![\\p{L}\\p{M}])|${runWords}`, "giu");

const dash = /^[ \t*_]*[—–-](?=[ \t])[ \t]*/;
const signed = new RegExp(sign);
/** "Ans. 5" */
const abbreviation = /^(?:ans|odp)(\.[ \t]+)/i;
const MAX_DASHED = 40;
const titled = /^[*_\s]*\n[\s*_]*/;

interface Announcement {
  /** Where the word for the answer begins. */
  start: number;
  /** Where what it announces begins. */
  end: number;
  /** How it leads there: by a sign, or by a verb. */
  by: "sign" | "verb" | "heading";
}

/** Mentions that are looked at, from the end on. */
const MAX_MENTIONS = 40;
/** The link between the word and the answer is at most so long. */
const MAX_LINK = 120;

/**
 * Places where a text announces an answer, in any of the languages: "Answer: …", "la respuesta es …", "答案：…". Sentences that
 * only talk about an answer are left out.
 */
export function announcements(text: string): Announcement[] {
  const found: Announcement[] = [];
  for (const { 0: said, index: start } of [...text.matchAll(mention)].slice(-MAX_MENTIONS)) {
    const behind = start + said.length;
    const after = text.slice(behind, behind + MAX_LINK);
    const linked =
      links.get(said.toLowerCase())?.exec(after)?.[0] ?? abbreviation.exec(said + after.slice(0, 9))?.[1];
    if (linked !== undefined) {
      const by = signed.test(linked) ? "sign" : /^[*_#]+\s*\n/.test(linked) ? "heading" : "verb";
      const end = behind + linked.length;
      const rest = text.slice(end, end + MAX_LINK);
      const before = text.slice(Math.max(0, start - MAX_LINK), start);
      const passed = by === "verb" ? leadInLength(rest) : 0;
      if (passed === null || (by === "verb" && talksAbout({ before, link: linked, rest }, found.length > 0)))
        continue;
      found.push({ start, end: end + passed, by });
      continue;
    }
    const line = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
    const alone = line.length <= 60 && /^[\s>#*_]*(?:\p{L}{1,14}[ \t]+){0,3}$/u.test(line);
    const title = (alone && /#|final/i.test(line)) || /final $/i.test(line) ? titled.exec(after) : null;
    const short = after.split("\n")[0]!.length <= MAX_DASHED;
    const dashed = alone && short ? dash.exec(after) : null;
    const heading = title ?? dashed;
    if (heading) found.push({ start, end: behind + heading[0].length, by: "heading" });
  }
  return found;
}
