/** vllm on GPUs; llama.cpp in this process where the base's GGUF file is at hand; else LLaMA-Factory's own server. */
export const engines = ["vllm", "llama.cpp", "llamafactory"] as const;
export type Engine = (typeof engines)[number];
