import { LETTER_END } from "./letter.ts";
import { hasLetter, type Options, startsOption } from "./option-text.ts";
import { isDoubtful, type Sentence } from "./sentences.ts";

export interface Verdict {
  letter: string;
  /** Offset in the text of the sentences. */
  at: number;
  /** Says that it is the answer; otherwise only that it is right, or what is left. */
  final: boolean;
}

const letter = `(?:[("'\\[⟦]{0,2}(?<![\\p{Script=Latin}\\d])(?<letter>[A-Z])${LETTER_END}[)"'\\]⟧]{0,2})`;
const noun = "(?:(?:the\\s+)?(?:option|choice|answer|letter|alternative|number)\\s+)?";
const emphasis =
  "(?:(?:therefore|thus|hence|clearly|indeed|definitely|certainly|also|obviously|in fact|then|the|a|our|my|only|single|one|most|more|likely|probably|by far|that|which|option|choice|answer|statement|to be)\\s+){0,6}";
const verb = "(?:is|must be|has to be|should be|remains|seems|appears|looks|turns out)";
const foreignRight =
  "correcta|correcto|correct|correcte|bonne|correta|correto|certa|corretta|esatta|richtig|richtige|korrekt|верн\\p{L}*|правильн\\p{L}*|benar|doğru|đúng|juist|goed|poprawn\\p{L}*|rätt|riktigt?|rigtig|σωστή|सही";
const foreignIs = "(?:es|est|é|è|ist|är|er|adalah|là|jest|είναι|является|—|-|is)";

/** Ways to say it; `final` ones say that it is the answer. */
const patterns: [final: boolean, pattern: RegExp][] = (
  [
    [
      true,
      `${letter}(?<gap>[^.;\\n]{0,80}?)\\s*(?:,\\s*)?\\b(?:${verb.slice(3, -1)}|would be)\\s+${emphasis}(?:answer|solution|choice|option|one|correct (?:answer|choice|option|one)|right (?:answer|choice|option|one)|best (?:answer|choice|option|one|match|fit))\\b`,
    ],
    [
      false,
      `${letter}(?<gap>[^.;\\n]{0,80}?)\\s*(?:,\\s*)?\\b${verb}\\s+${emphasis}(?:correct|right|true|best|better|preferable|valid|accurate|appropriate|plausible|left|consistent)\\b`,
    ],
    [
      false,
      `${letter}(?<gap>)\\s+(?:fits|works|matches|holds|remains|survives|satisfies|agrees|wins|stands|makes (?:the )?(?:most|more|best|perfect)? ?sense|it is)\\b`,
    ],
    [
      true,
      `(?:^|\\b(?:I|we|I'd|I'll|we'll|let's|let us|so|thus|hence|therefore|and|then|must|should|would|will)\\b[^.;\\n]{0,25}?)\\s*(?<![\\p{L}-])(?:choose|chose|vote|pick|picked|select|selected|go with|going with|opt for|opting for|vote for|settle on|settle for|conclude)\\s+(?:with\\s+|that\\s+)?${noun}${letter}`,
    ],
    [
      true,
      `^\\W*(?:therefore|thus|hence|so|consequently|finally|in conclusion|conclusion|by elimination|by (?:the |a )?process of elimination|in summary|overall|accordingly|ergo|definitely|probably|certainly|surely|most likely|clearly|looks like|seems like|also|damit|por lo tanto|por tanto|donc|logo|portanto|quindi|所以|因此|故)\\s*[,:：，→]?\\s*(?:(?:the|it|this|that|we|i|only|must|has|to|be|is|get|have|answer|option|choice|with|it's|that's)\\s+|就是|应该是|應該是|是|为|答案|选|選){0,5}${letter}\\s*(?:[.,!:;。，)]|$|\\(|it is\\b)`,
    ],
    [
      true,
      `\\b(?:only|best|right)\\s+(?:option|choice|answer|one)\\b[^.;\\n]{1,60}?\\s+is\\s+${noun}${letter}[\\s.!]*$`,
    ],
    [
      true,
      `${letter}(?<gap>)\\s+as\\s+(?:the|our|my)\\s+(?:correct |right |best |final )?(?:answer|choice|option)\\b`,
    ],
    [false, `(?:^|\\s)(?:ist|es|est|é|è)\\s+${letter}\\s+(?:${foreignRight})(?!\\p{L})`],
    [
      true,
      `[,;]\\s*(?:so|thus|hence|therefore)\\s*,?\\s*(?:(?:it's|it is|it must be|the answer is)\\s+)?${noun}${letter}[\\s.!]*$`,
    ],
    [
      true,
      `\\bI(?:'d| would|'ll| will| have to| must)?\\s+(?:guess|say|answer|think it's|think it is|believe it's|believe it is|lean towards?|leaning towards?)\\s+(?:it's |it is )?${noun}${letter}[\\s.!]*(?:$|because|since|,)`,
    ],
    [
      false,
      `\\b(?:can only be|must be|has to be|should be|it is|it's|that is|this is|leaves(?: us)?(?: only)?(?: with)?|leaving(?: us)?(?: only)?(?: with)?|left with|only|points to|leads to|corresponds to|matches|consistent with|agrees with|namely|confident (?:in|of|about)|i\\.e\\.,?)\\s+${noun}${letter}`,
    ],
    [
      false,
      `(?<=[\\p{L}\\p{N},:;]\\s)(?<!\\b(?:for|consider|regarding|about)\\s)(?:option|choice|answer|alternative)\\s+${letter}[\\s.!)]*$`,
    ],
    [true, `(?<![不别未非無无])(?:选|選|選ぶ)(?:择|擇)?(?!项|項|择|擇)[:：\\s]*(?:选项|選項)?\\s*${letter}`],
    [
      false,
      `${letter}(?<gap>)\\s*(?:项|項|选项|番|번)?\\s*(?:才|が|は|가|이|은|는)?\\s*(?:是|为|為)?\\s*(?:唯一|最)?\\s*(?:正确|正確|对的|對的|对|對|正しい|正解|適切|符合|定답|정답|맞|옳)`,
    ],
    [false, `${letter}(?<gap>)\\s*(?:です|だ|입니다|이다)`],
    [
      false,
      `${letter}(?<gap>)\\s+${foreignIs}\\s+(?:(?:la|el|il|lo|die|der|das|de|a|o|den|det|yang|única|einzige|seule)\\s+){0,3}(?:${foreignRight})(?!\\p{L})`,
    ],
    [
      false,
      `(?:вариант|ответ|opción|opção|alternativa|opzione|option|antwort|réponse|pilihan|opsi|đáp án|phương án)\\s+${letter}\\s+(?:${foreignRight})(?!\\p{L})`,
    ],
  ] as [boolean, string][]
).map(([final, source]) => [final, new RegExp(source, "giu")]);

const negative =
  /\b(?:not|n't|never|no|neither|nor|nicht|kein\w*|pas|cannot|can't|isn't|rather than|instead of|except|wrongly|mistake\w*|tempting|incorrect|wrong|false)\b|(?:^|\s)(?:не|não|bukan|değil|không|niet|nie)(?:\s|$)|不|没/iu;
/** What may stand before a letter that is the subject of its sentence: "vitamin C is the best" says nothing of C. */
const before =
  /(?:^|[\s(])(?:so|thus|hence|therefore|then|that|only|and|but|option|choice|answer|statement|letter|alternative|see|says|say|conclude|find|means|shows|think|believe|confident|sure|is|since|because|as|while|whereas|correct|clearly|which|opción|la|opção|alternativa|opzione|antwort|réponse|вариант|pilihan|jawaban|now|here|indeed|also|overall|consequently|actually|instead|fact|elimination|us|me|have|get|\p{L}+ly)\s+$|^[\s\W]*$|[,:;—–"'(\]→|✅]\s*$|[\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}]\s*$/iu;
const articled =
  /^[ \t]+(?!(?:is|must|has|should|remains|seems|appears|looks|turns|fits|works|matches|holds|survives|satisfies|agrees|wins|stands|it|es|est|ist|adalah|and|because|since|as)\b)[\p{L}\d]/u;

/** The end of the clause that leads to `at`. */
const clauseBefore = (text: string, at: number): string =>
  text
    .slice(Math.max(0, at - 60), at)
    .split(/[,;:]|\.\s/)
    .at(-1)!;

/** All matches of a global pattern, the next one sought behind the letter of the one before. */
function* overlapping(text: string, pattern: RegExp): Generator<RegExpExecArray> {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    yield match;
    const letter = match[0].indexOf(match.groups!.letter!);
    pattern.lastIndex = match.index + Math.max(0, letter) + 1;
  }
}

/** What the sentences say of single letters, in order. Doubts, questions and what is denied are left out. */
export function verdictsOf(sentences: Sentence[], options: Options): Verdict[] {
  const found: Verdict[] = [];
  for (const sentence of sentences) {
    const isDoubt = isDoubtful(sentence);
    const text = sentence.text.slice(0, 1000);
    for (const [final, pattern] of patterns) {
      if (isDoubt && (sentence.isQuestion || !pattern.source.startsWith("\\bI("))) continue;
      for (const match of overlapping(text, pattern)) {
        const { letter = "", gap } = match.groups!;
        const said = letter.toUpperCase();
        if (!hasLetter(options, said)) continue;
        const at = match.index + match[0].search(new RegExp(`(?<![A-Za-z])${letter}(?![A-Za-z'])`));
        const rest = text.slice(at + 1);
        const bracketed = /[([⟦"']/.test(text[at - 1] ?? "");
        if (/[a-z]/.test(letter) && rest[0] !== ")") continue;
        if (
          !bracketed &&
          /^[AI]$/.test(letter) &&
          articled.test(rest) &&
          !startsOption(options, letter, rest)
        )
          continue;
        if (gap !== undefined) {
          if (negative.test(gap) || /(?<![A-Za-z])[A-Z](?![A-Za-z'])/.test(gap)) continue;
          if (gap.trim() !== "" && !/^[\s)"'\]]*[,(:]/.test(gap) && !startsOption(options, said, gap))
            continue;
          if (!bracketed && !before.test(text.slice(Math.max(0, at - 30), at))) continue;
        }
        if (gap === undefined && negative.test(clauseBefore(text, at))) continue;
        const behind =
          /^[)"'\]⟧\s]*(?:[:,]\s*)?(?:is|are|was)?\s*(?:not|never|n't|incorrect|wrong|false|ruled|eliminated|out)\b|^[^.,;]{0,3}(?:不|错|錯)/i;
        if (behind.test(rest.slice(0, 40))) continue;
        found.push({ letter: said, at: sentence.start + at, final });
      }
    }
  }
  return found.sort((a, b) => a.at - b.at);
}
