/** A text of signs that a seed decides, so that no key stands in this repository. */
function signs(alphabet: string, count: number, seed: number): string {
  let state = seed * 2_654_435_761 + 12_345;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return alphabet[(state >>> 16) % alphabet.length];
  }).join("");
}

const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const digits = "0123456789";
const hex = `${digits}abcdef`;
const word = `${upper}${upper.toLowerCase()}${digits}`;
const dashed = `${word}_-`;
/** Fakes in the forms of 28 issuers, by issuer. Each is cut off by what is no sign of it. */
const forms: Record<string, (seed: number) => string> = {
  OpenAI: (seed) => `sk-${signs(word, 20, seed)}T3BlbkFJ${signs(word, 20, seed + 1)}`,
  "OpenAI, of a project": (seed) =>
    `sk-proj-${signs(dashed, 74, seed)}T3BlbkFJ${signs(dashed, 73, seed + 1)}A`,
  Anthropic: (seed) => `sk-ant-api03-${signs(dashed, 93, seed)}AA`,
  OpenRouter: (seed) => `sk-or-v1-${signs(hex, 64, seed)}`,
  DeepSeek: (seed) => `sk-${signs(hex, 32, seed)}`,
  "Hugging Face": (seed) => `hf_${signs(word, 34, seed)}`,
  Groq: (seed) => `gsk_${signs(word, 52, seed)}`,
  xAI: (seed) => `xai-${signs(word, 80, seed)}`,
  Perplexity: (seed) => `pplx-${signs(word, 48, seed)}`,
  Replicate: (seed) => `r8_${signs(word, 37, seed)}`,
  LangSmith: (seed) => `lsv2_pt_${signs(hex, 32, seed)}_${signs(hex, 10, seed + 1)}`,
  GitHub: (seed) => `ghp_${signs(word, 36, seed)}`,
  "GitHub, fine": (seed) => `github_pat_${signs(word, 22, seed)}_${signs(word, 59, seed + 1)}`,
  GitLab: (seed) => `glpat-${signs(dashed, 19, seed)}a`,
  AWS: (seed) => `AKIA${signs(`${upper}234567`, 16, seed)}`,
  Google: (seed) => `AIza${signs(dashed, 34, seed)}a`,
  Slack: (seed) => `xoxb-${signs(digits, 12, seed)}-${signs(digits, 12, seed + 1)}-${signs(word, 24, seed)}`,
  Stripe: (seed) => `sk_live_${signs(word, 24, seed)}`,
  npm: (seed) => `npm_${signs(word, 36, seed)}`,
  PyPI: (seed) => `pypi-AgEIcHlwaS5vcmc${signs(dashed, 150, seed)}a`,
  SendGrid: (seed) => `SG.${signs(dashed, 22, seed)}.${signs(dashed, 42, seed + 1)}a`,
  Twilio: (seed) => `SK${signs(hex, 32, seed)}`,
  "Azure AI": (seed) => `${signs(word, 52, seed)}JQQJ99${signs(word, 26, seed + 1)}`,
  DigitalOcean: (seed) => `dop_v1_${signs(hex, 64, seed)}`,
  Databricks: (seed) => `dapi${signs(hex, 32, seed)}`,
  Shopify: (seed) => `shpat_${signs(hex, 32, seed)}`,
  NVIDIA: (seed) => `nvapi-${signs(dashed, 63, seed)}a`,
  Telegram: (seed) => `${signs("123456789", 10, seed)}:AA${signs(dashed, 32, seed)}a`,
};

/** 84 fakes of 28 forms. */
export const fakeKeys: [issuer: string, key: string][] = Object.entries(forms).flatMap(([issuer, made]) =>
  [11, 222, 3333].map((seed): [string, string] => [issuer, made(seed)]),
);

/** The fakes of one seed, one of each form. */
export const someKeys = fakeKeys.filter((_, i) => i % 3 === 0).map(([, key]) => key);
