/** An announcement by a verb, as "… the answer to that is 7, since …" around the word for the answer. */
interface Clause {
  /** What stands before the word for the answer. */
  before: string;
  /** From that word to what it leads to. */
  link: string;
  /** What it leads to. */
  rest: string;
}

/** An answer that no longer holds, or never did: "my previous answer was", "a common wrong answer is". */
const outdated =
  /(?:^|[^\p{L}])(?:previous|prior|earlier|initial|original|old|former|preceding|intermediate|(?:my|our|your) first|(?:an?|another|common|typical|tempting|my|our|your|his|her|their) (?:wrong|incorrect|mistaken|erroneous)|vorige|frühere|vorherige|ursprüngliche|précédente|предыдущий|прежний)\s+$|(?:之前|先前|原来|错误)的$/iu;
const outdatedBehind =
  /\b(?:gave|given|had|said|stated|wrote|proposed|reported)\s+(?:before|earlier|previously|originally|initially|at first|first)\b|\s(?:anterior|précédente|precedente)\s/i;

const determiners = "(?:(?:the|this|that|my|your|an?|final|correct|right|best|die|la|le|l')\\s*){0,3}";
/** "If the answer is", "see whether the answer is", "one might think that the answer is"; "I think" announces. */
const supposed = new RegExp(
  `(?:^|[^\\p{L}])(?:if|whether|unless|(?<!\\bI\\s)(?:suppose|supposing|assume|assuming)|(?:one|you|some|many|people|students|others)\\s+(?:(?:might|may|could|would|will|often|also)\\s+)*(?:think|say|believe|guess|expect|conclude|argue|claim|answer)|wenn|ob|falls|si|se|если)\\s+(?:that\\s+)?${determiners}$|(?:如果|假如|假设|若|是否)$`,
  "iu",
);

/** "The answer choices are" lists them; "the answer fits because 6 is" has begun another clause. */
const otherSubject = /^\s+(?:choices|options)\b|[^,]\s(?:because|since|when|if|but|while|weil|porque|car)\s/i;

const adverbs =
  "(?:(?:not|also|already|indeed|then|thus|therefore|simply|just|clearly|easily|usually|always|only|still|all|both|directly|mainly|solely)\\s+)*";
const notAnOption = "(?!\\s+(?:(?:option|choice|letter|statement)\\s+)?[(\"']?[A-Z](?![\\w']))";
/** How it came about, where it stands or what form it has: "obtained by adding", "the result of", "in the form". */
const described = new RegExp(
  `^${adverbs}(?:${[
    `(?:obtained|derived|calculated|computed|found|reached|arrived at|determined|deduced|inferred|verified|confirmed|checked|supported|justified|explained|shown|listed|stated|written|included|provided|based)(?:\\s*(?:[.,;!]|$)|\\s+(?:by|from|in|on|above|below|using|through|via|with|at|when|if|because|since|here|earlier|under)\\b${notAnOption})`,
    `given\\s+(?:in|above|below|at|here|when|if)\\b${notAnOption}`,
    "(?:the|a|an)\\s+(?:\\p{L}+\\s+)?(?:result|outcome|consequence)\\s+of\\b",
    "in\\s+(?:the|a|its)\\s+(?:\\p{L}+\\s+)?(?:form|format)\\b",
    "(?:expected|required|supposed|asked|meant)\\s+to\\s+be\\s+(?:an?|in|the)\\s+(?:[\\p{L}]+\\s+)?(?:number|integer|fraction|decimal|letter|word|form|format)\\b",
    "(?:通过|通過|根据|根據|由)",
    "[^。，、,\\n]{0,40}(?:得到的|得出的|计算出来的|算出来的|得られ|求められ|計算され)",
    "(?:obtenida?|obtenue?|calculée?|calculad[ao]|basad[ao]|basée?)\\s",
  ].join("|")})`,
  "iu",
);

/** "The above answer", "this answer", "the answer above". */
const referring =
  /(?:^|[^\p{L}])(?:this|that|above|diese|esta|cette|essa|questa|этот)\s+(?:(?:final|numerical)\s+)?$|(?:这个|這個|该|上面的|以上|上述)$/iu;
const referringBehind = /\babove\b/i;

const judgements =
  "correct|incorrect|right|wrong|valid|invalid|accurate|inaccurate|reasonable|plausible|consistent|clear|unclear|obvious|richtig|falsch|korrekt|correct[aeo]|incorrect[aeo]|corrett[ao]|верным|правильным|неверным|неправильным";
const judged = new RegExp(
  `^${adverbs}(?:(?:${judgements})(?![\\p{L}])(?<more>\\s*,?\\s+(?:because|since|as|for|if|and|so|with|when|weil|denn|porque|car|parce|perché)(?![\\p{L}]))?|(?:正确|正確|错误|錯誤|对|對)的?(?=[。，,.!！\\s]|$))`,
  "iu",
);
/** What it is not, why, where it stands, or its unit, with no number in sight. */
const placed =
  /^not\s+(?!.*\b(?:but|rather|instead)\b)|^due\s+to\s|^(?:in|on|at)\s+\p{Ll}+(?:\s+\p{Ll}+){0,3}\s*(?:[.;!\n]|$)/u;

/**
 * Whether a sentence talks about an answer, and announces none: "the above answer is the result of …", "my previous answer
 * was 12". What may be an answer too ("the answer is right", "… in the box") is one, unless it speaks of one `given` before.
 */
export function talksAbout({ before, link, rest }: Clause, given: boolean): boolean {
  if (outdated.test(before) || outdatedBehind.test(link) || supposed.test(before)) return true;
  if (otherSubject.test(link) || described.test(rest)) return true;
  const judgement = judged.exec(rest);
  if (!judgement && !placed.test(rest)) return false;
  return (
    given || judgement?.groups?.more !== undefined || referring.test(before) || referringBehind.test(link)
  );
}

/** "Not 12 but", "found to be", "as follows:", "therefore" before an answer. */
const leadIn =
  /^(?:(?:not|nicht|no|pas|не)\s+[^\s,.;]*\d[^\s,;]*,?\s+(?:but|sondern|sino|mais|а)\s+(?:rather\s+|instead\s+)?|(?:found|calculated|computed|determined|estimated|expected|known|seen)\s+(?:to be|as)\s+|given\s+by\s+|as follows\s*:?\s*|(?:therefore|thus|hence|indeed|clearly),?\s+)/iu;
/** "Not 12", and nothing in its place. */
const denied = /^(?:not|nicht|no|pas|не|不是)\s*[^\s,.;]*\d/iu;

/** How much of what an announcement leads to only leads on to the answer; `null` where it denies one and names no other. */
export function leadInLength(rest: string): number | null {
  const length = leadIn.exec(rest)?.[0].length ?? 0;
  return length === 0 && denied.test(rest) ? null : length;
}
