import { describe, expect, test } from 'vitest';
import { argsObject, parseArgv, refuseUnsupported } from '../../src/cli/argv.ts';
import { defineFlags } from '../../src/cli/flag.ts';

const flags = defineFlags({
  all: { type: 'boolean', alias: 'a', describe: '' },
  detach: { type: 'boolean', alias: 'd', describe: '' },
  env: { type: 'list', alias: 'e', describe: '' },
  filter: { type: 'csv', alias: 'f', describe: '' },
  hostname: { type: 'string', alias: 'h', describe: '' },
  name: { type: 'string', describe: '' },
  network: { type: 'list', describe: '' },
  'no-trunc': { type: 'boolean', describe: '' },
  publish: { type: 'csv', alias: 'p', describe: '' },
  pull: { type: 'string', default: 'missing', describe: '' },
  'sig-proxy': { type: 'boolean', default: true, describe: '' },
  time: { type: 'number', alias: 't', valueName: 'uint', describe: '' },
  tty: { type: 'optional', whenBare: 'yes', describe: '' },
  verbose: { type: 'count', alias: 'v', describe: '' },
  gpus: { type: 'string', describe: '', unsupported: 'no CDI' },
});

const parse = (argv: string[], passthrough = true) => parseArgv(argv, [flags], passthrough);

describe('lines as Docker users write them', () => {
  const cases: [argv: string, values: Record<string, unknown>, operands: string[]][] = [
    ['alpine ls -la', {}, ['alpine', 'ls', '-la']],
    ['-d alpine -d', { detach: true }, ['alpine', '-d']],
    ['-p8080:80 nginx', { publish: ['8080:80'] }, ['nginx']],
    ['-eFOO=1 -e BAR=2 x', { env: ['FOO=1', 'BAR=2'] }, ['x']],
    ['-e=FOO x', { env: ['FOO'] }, ['x']],
    ['--name -x alpine', { name: '-x' }, ['alpine']],
    ['--name=-x=y alpine', { name: '-x=y' }, ['alpine']],
    ['--name= alpine', { name: '' }, ['alpine']],
    ['--all false', { all: true }, ['false']],
    ['--all=false x', { all: false }, ['x']],
    ['-a=0 x', { all: false }, ['x']],
    ['--name a --name b x', { name: 'b' }, ['x']],
    ['--name 007 x', { name: '007' }, ['x']],
    ['-adh host x', { all: true, detach: true, hostname: 'host' }, ['x']],
    ['-adhhost x', { all: true, detach: true, hostname: 'host' }, ['x']],
    ['-h -d x', { hostname: '-d' }, ['x']],
    ['-vvv -v x', { verbose: 4 }, ['x']],
    ['--tty x', { tty: 'yes' }, ['x']],
    ['--tty=no x', { tty: 'no' }, ['x']],
    ['--net host --network none x', { network: ['host', 'none'] }, ['x']],
    ['--notruncate x', { 'no-trunc': true }, ['x']],
    ['--timeout 5 x', { time: 5 }, ['x']],
    ['-f a,b -f c x', { filter: ['a', 'b', 'c'] }, ['x']],
    ['-- -weird --name', {}, ['-weird', '--name']],
    ['-a -- x -- y', { all: true }, ['x', '--', 'y']],
    ['-', {}, ['-']],
    ['', {}, []],
  ];
  test.each(cases)('%s', (line, values, operands) => {
    const parsed = parse(line === '' ? [] : line.split(' '));
    expect(Object.fromEntries(parsed.values)).toEqual(values);
    expect(parsed.operands).toEqual(operands);
  });

  test('flags after operands count where the command takes no command line of its own', () => {
    const parsed = parse(['web', '-a', 'db', '--', '-t'], false);
    expect(parsed.operands).toEqual(['web', 'db', '-t']);
    expect(parsed.values.get('all')).toBe(true);
  });

  test('a value may be empty or hold spaces and newlines', () => {
    expect(parse(['-e', '', '-e', 'a b\nc']).values.get('env')).toEqual(['', 'a b\nc']);
  });

  test('an empty word is an operand', () => {
    expect(parse(['', '-a']).operands).toEqual(['', '-a']);
  });
});

describe('mistakes are told in the words of pflag', () => {
  test.each([
    ['--foo', 'unknown flag: --foo'],
    ['--foo=1', 'unknown flag: --foo'],
    ['--a', 'unknown flag: --a'],
    ['-aZ', "unknown shorthand flag: 'Z' in -Z"],
    ['-Za', "unknown shorthand flag: 'Z' in -Za"],
    ['-=x', "unknown shorthand flag: '=' in -=x"],
    ['--name', 'flag needs an argument: --name'],
    ['-ah', "flag needs an argument: 'h' in -h"],
    ['--=x', 'bad flag syntax: --=x'],
    ['---x', 'bad flag syntax: ---x'],
    [
      '--all=maybe',
      'invalid argument "maybe" for "-a, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    ['--no-trunc=', 'invalid argument "" for "--no-trunc" flag: strconv.ParseBool: parsing "": invalid syntax'],
    ['-t=x', 'invalid argument "x" for "-t, --time" flag: strconv.ParseUint: parsing "x": invalid syntax'],
    ['-t=-1', 'invalid argument "-1" for "-t, --time" flag: strconv.ParseUint: parsing "-1": invalid syntax'],
    ['-t=1.5', 'invalid argument "1.5" for "-t, --time" flag: strconv.ParseUint: parsing "1.5": invalid syntax'],
  ])('%s', (word, message) => {
    expect(() => parse([word])).toThrow(message);
  });
});

describe('help', () => {
  test.each([
    [['--help'], true],
    [['--help=false'], false],
    [['-a', '--help', '--foo=1'.slice(0, 0) || 'x'], true],
    [['x', '--help'], false],
  ])('%j asks for it: %s', (argv, help) => {
    expect(parse(argv).help).toBe(help);
  });

  test('-h asks for it unless a flag has that letter', () => {
    const { hostname: _, ...others } = flags;
    expect(parseArgv(['-h'], [others], true).help).toBe(true);
    expect(() => parse(['-h'])).toThrow("flag needs an argument: 'h' in -h");
  });
});

describe('the object that a handler receives', () => {
  test('has every flag in camelCase with its default, and what was given', () => {
    const { values, operands } = parse(['--no-trunc', '--sig-proxy=false', 'x']);
    const args = argsObject(flags, values, operands);
    expect(args).toMatchObject({ all: false, noTrunc: true, sigProxy: false, env: [], verbose: 0, pull: 'missing' });
    expect(args).toHaveProperty('name', undefined);
    expect(args['given']).toEqual(new Set(['no-trunc', 'sig-proxy']));
    expect(args['operands']).toEqual(['x']);
  });

  test('never shares the list of a default', () => {
    const shared = defineFlags({ dir: { type: 'list', default: ['/a'], describe: '' } });
    const first = argsObject(shared, new Map(), []);
    (first['dir'] as string[]).push('/b');
    expect(argsObject(shared, new Map(), [])['dir']).toEqual(['/a']);
  });

  test('a table wins over the next one', () => {
    const own = defineFlags({ name: { type: 'boolean', describe: '' } });
    expect(parseArgv(['--name', 'x'], [own, flags], true).values.get('name')).toBe(true);
  });
});

test('a flag that is not supported is refused by name, but not when it is switched off', () => {
  expect(() => refuseUnsupported(flags, new Map([['gpus', 'all']]))).toThrow('unsupported flag: --gpus: no CDI');
  expect(() => refuseUnsupported(flags, new Map([['gpus', false]]))).not.toThrow();
  expect(() => refuseUnsupported(flags, new Map([['toString', 'x']]))).not.toThrow();
});

test('names of object properties are no flags', () => {
  expect(() => parse(['--constructor'])).toThrow('unknown flag: --constructor');
  expect(() => parse(['--__proto__', 'x'])).toThrow('unknown flag: --__proto__');
});
