/** What one flag is. The same table makes the parser, the help, the man page and the completion. */

/** How values are read: `list` keeps each value, `csv` splits at commas, `optional` may stand without a value. */
export type FlagType = 'boolean' | 'string' | 'number' | 'list' | 'csv' | 'count' | 'optional';

export interface Flag {
  readonly type: FlagType;
  /** One letter. */
  readonly alias?: string;
  /** Other long names, not shown in help. */
  readonly aliases?: readonly string[];
  readonly describe: string;
  readonly default?: boolean | string | number | readonly string[];
  /** The member of `[engine]` in containers.conf that help shows as the default. */
  readonly conf?: 'retry' | 'retryDelay' | 'compressionFormat' | 'compressionLevel';
  /** Shown in help; for numbers `uint`, `float` and so on also decide what is accepted. */
  readonly valueName?: string;
  /** The value of an `optional` flag that stands alone; '' when left out. */
  readonly whenBare?: string;
  readonly hidden?: boolean;
  readonly choices?: readonly string[];
  /** Parsed, then refused by name with this reason. */
  readonly unsupported?: string;
  /** What the shell completes as the value. */
  readonly complete?: Completion;
}

export type Completion = 'files' | 'containers' | 'running' | 'images' | 'networks' | 'pods' | 'volumes' | 'none';

/** Long name in kebab-case to flag. */
export type Flags = Readonly<Record<string, Flag>>;

/** Keeps the literal types of a shared group of flags: spread it into the `flags` of commands. */
export function defineFlags<const F extends Flags>(flags: F): F {
  return flags;
}

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

type Value<T extends Flag> = T['type'] extends 'boolean'
  ? boolean
  : T['type'] extends 'count'
    ? number
    : T['type'] extends 'list' | 'csv'
      ? string[]
      : T['type'] extends 'number'
        ? T extends { default: number }
          ? number
          : number | undefined
        : T extends { default: string }
          ? string
          : string | undefined;

type BaseArgs = {
  /** What is not a flag, in order. */
  operands: string[];
  /** Kebab-case long names of the flags that stood on the command line. */
  given: Set<string>;
};

/** What a handler receives: flags in camelCase with the types of their table. Booleans are false when not given. */
export type Args<F extends Flags> = string extends keyof F
  ? BaseArgs & Record<string, unknown>
  : BaseArgs & { [K in keyof F & string as Camel<K>]: Value<F[K]> };

/** `no-trunc` to `noTrunc`. */
export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
