import type { StructuredMethod } from "./catalog.ts";
import type { OpenModel } from "./open.ts";
import { structuredFallbacks } from "./structured.ts";

type Asked = Pick<OpenModel, "endpoint" | "entry">;

/** Ways that an endpoint has refused for a model while it took a lower one. */
const refusedMethods = new Map<string, Set<StructuredMethod>>();
const keyOf = ({ endpoint, entry }: Asked) => `${endpoint} ${entry.name}`;

/** A method whose replies could not be read so often in a row is tried last. */
const MOST_UNREADABLE = 2;

/** Ways of asking a model for one kind of value, by what came of them in this process. */
export class StructuredMethodRanking {
  private static readonly known = new Map<string, StructuredMethodRanking>();
  /** Replies in a row that could not be read. */
  private readonly unreadable = new Map<StructuredMethod, number>();

  private constructor(private readonly model: Asked) {}

  static of(model: Asked, name: string): StructuredMethodRanking {
    const key = `${keyOf(model)} ${model.entry.structured} ${name}`;
    const methods = StructuredMethodRanking.known.get(key) ?? new StructuredMethodRanking(model);
    StructuredMethodRanking.known.set(key, methods);
    return methods;
  }

  static refused(model: Asked, methods: readonly StructuredMethod[]): void {
    const key = keyOf(model);
    refusedMethods.set(key, new Set([...(refusedMethods.get(key) ?? []), ...methods]));
  }

  /** The methods that the endpoint takes, the strictest first, those that proved unreadable last. */
  inOrder(): StructuredMethod[] {
    const refused = refusedMethods.get(keyOf(this.model));
    const methods = structuredFallbacks(this.model.entry.structured).filter(
      (method) => !refused?.has(method),
    );
    const failing = (method: StructuredMethod) => (this.unreadable.get(method) ?? 0) >= MOST_UNREADABLE;
    return [...methods.filter((method) => !failing(method)), ...methods.filter(failing)];
  }

  /** The same, beginning behind a method that has just failed. */
  after(failed: StructuredMethod): StructuredMethod[] {
    const methods = this.inOrder();
    const at = methods.indexOf(failed);
    return [...methods.slice(at + 1), ...methods.slice(0, at + 1)];
  }

  note(method: StructuredMethod, readable: boolean): void {
    this.unreadable.set(method, readable ? 0 : (this.unreadable.get(method) ?? 0) + 1);
  }
}
