export const whole = (n: number): string => Math.round(n).toLocaleString("en-US");
export const counted = (n: number, one: string): string => `${whole(n)} ${one}${n === 1 ? "" : "s"}`;
