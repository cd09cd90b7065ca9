/**
 * The chance that at least one of `k` rollouts drawn without replacement from `n` is right when `right` of them are:
 * 1 - C(n - right, k) / C(n, k), as a product (Chen et al., Evaluating Large Language Models Trained on Code, 2021,
 * section 2.1). `k` is at most `n`.
 */
export function passAt(n: number, right: number, k: number): number {
  let allWrong = 1;
  for (let i = n - right + 1; i <= n; i++) allWrong *= Math.max(0, 1 - k / i);
  return 1 - allWrong;
}
