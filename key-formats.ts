/**
 * What issuers' keys look like: a text that every one of them holds, which is cheap to look for, and its whole pattern.
 * Lengths are the issuers' own, with room where these vary; formats without a mark of their own (32 hex digits) are left out.
 */
export const keyFormats: [mark: string, pattern: string][] = [
  ["sk-", "sk-(?:[A-Za-z0-9]{48}|[A-Za-z0-9]{32})"], // OpenAI until 2024, DeepSeek, DashScope, Moonshot
  ["sk-", "sk-(?:proj|svcacct|admin|None|service)-[\\w-]{40,200}"], // OpenAI
  ["sk-ant-", "sk-ant-[a-z]{3,8}\\d\\d-[\\w-]{80,120}"], // Anthropic
  ["sk-or-v1-", "sk-or-v1-[0-9a-f]{64}"], // OpenRouter
  ["-lf-", "[sp]k-lf-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"], // Langfuse
  ["csk-", "csk-[a-z0-9]{48}"], // Cerebras
  ["hf_", "hf_[A-Za-z0-9]{34}"], // Hugging Face
  ["api_org_", "api_org_[A-Za-z0-9]{34}"], // Hugging Face, of an organisation
  ["gsk_", "gsk_[A-Za-z0-9]{52}"], // Groq
  ["xai-", "xai-[A-Za-z0-9]{80}"], // xAI
  ["nvapi-", "nvapi-[\\w-]{64}"], // NVIDIA
  ["pplx-", "pplx-[A-Za-z0-9]{48}"], // Perplexity
  ["r8_", "r8_[A-Za-z0-9]{37}"], // Replicate
  ["tgp_v1_", "tgp_v1_[\\w-]{43}"], // Together
  ["fw_", "fw_(?=[A-Za-z]*\\d)[A-Za-z0-9]{22,24}"], // Fireworks
  ["e2b_", "e2b_[0-9a-f]{40}"], // E2B
  ["tvly-", "tvly-(?:dev-|prod-)?[A-Za-z0-9]{32}"], // Tavily
  ["pcsk_", "pcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{60,68}"], // Pinecone
  ["sk_", "sk_[0-9a-f]{48}"], // ElevenLabs
  ["lsv2_", "lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"], // LangSmith
  ["ls__", "ls__[0-9a-f]{32}"], // LangSmith until 2024
  ["AKIA", "AKIA[A-Z0-9]{16}"], // AWS, the key's id
  ["ASIA", "ASIA(?=[A-Z]*\\d)[A-Z0-9]{16}"], // AWS, for a session
  ["ABSK", "ABSK[A-Za-z0-9+/]{109,269}={0,2}"], // AWS Bedrock
  ["AIza", "AIza[\\w-]{35}"], // Google
  ["ya29.", "ya29\\.[\\w-]{60,400}"], // Google OAuth
  ["GOCSPX-", "GOCSPX-[\\w-]{28}"], // Google OAuth, of a client
  ["JQQJ9", "[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{27}"], // Azure AI
  ["Q~", "[\\w~.-]{3}\\dQ~[\\w~.-]{31,34}"], // Azure, of an app
  ["==", "[A-Za-z0-9+/]{76}(?:APIM|ACDb|\\+(?:ABa|AMC|ASt))[A-Za-z0-9+/]{5,6}[AQgw]=="], // Azure storage and others
  ["gh", "gh[oprsu]_[A-Za-z0-9]{36}"], // GitHub
  ["github_pat_", "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"], // GitHub
  ["gl", "gl(?:pat|dt|rt|ptt|ft|cbt|soat|imt|agent|oas)-[\\w-]{20,64}(?:\\.[0-9a-z]{2}\\.[0-9a-z]{9})?"], // GitLab
  ["xox", "xox[abeoprs]-(?:\\d-[A-Za-z0-9]{100,250}|\\d{8,14}-[A-Za-z0-9-]{20,120})"], // Slack
  ["xapp-", "xapp-\\d-[A-Z0-9]{8,14}-\\d{8,16}-[0-9a-f]{64}"], // Slack, of an app
  ["hooks.slack.com/", "hooks\\.slack\\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}"], // Slack
  ["k_live_", "[prs]k_live_(?:[A-Za-z0-9]{24,34}|[A-Za-z0-9]{90,107})"], // Stripe
  ["k_test_", "[prs]k_test_(?:[A-Za-z0-9]{24,34}|[A-Za-z0-9]{90,107})"], // Stripe
  ["whsec_", "whsec_[A-Za-z0-9+/]{32,64}={0,2}"], // Stripe, of a webhook
  ["npm_", "npm_[A-Za-z0-9]{36}"], // npm
  ["pypi-AgE", "pypi-AgE[\\w-]{50,1000}"], // PyPI
  ["rubygems_", "rubygems_[0-9a-f]{48}"], // RubyGems
  ["dckr_", "dckr_[op]at_[\\w-]{27,32}"], // Docker
  ["SG.", "SG\\.[\\w-]{22}\\.[\\w-]{43}"], // SendGrid
  ["SK", "SK[0-9a-f]{32}"], // Twilio
  ["do", "do[opr]_v1_[0-9a-f]{64}"], // DigitalOcean
  ["dapi", "dapi[0-9a-f]{32}(?:-\\d)?"], // Databricks
  ["shp", "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"], // Shopify
  ["sq0", "sq0(?:atp-[\\w-]{22}|csp-[\\w-]{43})"], // Square
  [":AA", "\\d{8,10}:AA[\\w-]{33}"], // Telegram
  [".", "[MNO][\\w-]{23,27}\\.[\\w-]{6}\\.[\\w-]{27,38}"], // Discord
  ["ntn_", "ntn_[A-Za-z0-9]{46}"], // Notion
  ["secret_", "secret_[A-Za-z0-9]{43}"], // Notion until 2024
  ["lin_api_", "lin_api_[A-Za-z0-9]{40}"], // Linear
  ["figd_", "figd_[\\w-]{40}"], // Figma
  ["glsa_", "glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}"], // Grafana
  ["NRAK-", "NRAK-[A-Z0-9]{27}"], // New Relic
  ["PMAK-", "PMAK-[0-9a-f]{24}-[0-9a-f]{34}"], // Postman
  ["dp.pt.", "dp\\.pt\\.[A-Za-z0-9]{43}"], // Doppler
  ["hvs.", "hvs\\.[\\w-]{90,120}"], // HashiCorp Vault
  [".atlasv1.", "[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{60,70}"], // HashiCorp Terraform
  ["sbp_", "sbp_[0-9a-f]{40}"], // Supabase
  ["pat", "pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}"], // Airtable
];
