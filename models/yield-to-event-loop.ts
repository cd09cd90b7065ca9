const waiting: (() => void)[] = [];

/**
 * Lets one caller go on at each turn of the event loop, in the order they came. Where many rollouts share a process and
 * their replies come at once, the requests that wait for a place go out between them instead of after them all.
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((go) => {
    if (waiting.push(go) === 1) setImmediate(next);
  });
}

function next(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(next);
}
