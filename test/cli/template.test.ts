import { describe, expect, test } from 'vitest';
import { compileTemplate, goStruct, goStructs } from '../../src/cli/template.ts';

const host = goStruct(
  {
    arch: 'amd64',
    CPUs: 2,
    Idle: 93.64,
    cgroupVersion: 'v1',
    Controllers: ['cpuset', 'cpu'],
    Uptime: '0h 1m',
    Security: goStruct({ Rootless: false }, 'define.SecurityInfo'),
    Next: null,
  },
  '*define.HostInfo',
  { CgroupsVersion: 'cgroupVersion' },
);
const data = goStruct(
  {
    Host: host,
    Status: { b: '2', a: '1' },
    Empty: {},
    Labels: new Map([['com.x', 'y']]),
    Rows: [{ Name: 'one' }, { Name: 'two' }],
    Label: (name: string) => `<${name}>`,
    Nothing: () => '',
  },
  'system.infoReport',
);

const render = (text: string) => compileTemplate(text, { name: 'info' })(data);

// Expectations were compared with what Podman 5.8.6 prints for the same templates.
describe('what templates print', () => {
  test.each([
    ['plain', 'plain'],
    ['{{.Host.Arch}}', 'amd64'],
    ['{{.Host.CgroupsVersion}}', 'v1'],
    ['{{ .Host.Controllers }}', '[cpuset cpu]'],
    ['{{.Status}} {{.Empty}}', 'map[a:1 b:2] map[]'],
    ['{{.Status.nope}}', '<no value>'],
    ['{{index .Status "nope"}}|{{index .Status "a"}}', '|1'],
    ['{{index .Host.Next "x"}}|', '|'],
    ['{{index .Labels "com.x"}} {{.Labels}}', 'y map[com.x:y]'],
    ['{{range $k, $v := .Status}}{{$k}}={{$v}};{{end}}', 'a=1;b=2;'],
    ['{{range $i, $e := .Host.Controllers}}{{if $i}},{{end}}{{$e}}{{end}}', 'cpuset,cpu'],
    ['{{range .Empty}}x{{else}}none{{end}}', 'none'],
    ['{{range 3}}{{.}}{{end}}', '012'],
    ['{{range .Rows}}{{if eq .Name "two"}}{{break}}{{end}}{{.Name}}{{end}}', 'one'],
    ['{{range .Rows}}{{if eq .Name "one"}}{{continue}}{{end}}{{.Name}}{{end}}', 'two'],
    ['{{with .Host}}{{.Arch}}{{end}}', 'amd64'],
    ['{{with .Empty}}x{{else}}empty{{end}}', 'empty'],
    ['{{with .Empty}}x{{else with .Host}}{{.Arch}}{{end}}', 'amd64'],
    ['{{if .Host.Security.Rootless}}a{{else if eq .Host.Arch "x" "amd64"}}b{{else}}c{{end}}', 'b'],
    ['{{$a := 1}}{{if true}}{{$a = 2}}{{end}}{{$a}}', '2'],
    ['{{$h := .Host}}{{$h.Arch}} {{$.Host.CPUs}}', 'amd64 2'],
    ['{{(index .Rows 1).Name}} {{index .Host.Controllers 0 | len}}', 'two 6'],
    ['{{.Host.Arch | upper | printf "%s-%s" "x"}}', 'x-AMD64'],
    ['{{"x" | printf "%s-%s" "y"}}', 'y-x'],
    ['{{printf "%d %q %v %5.1f|%-5s|%05d|%x" 3 "a" .Host.Arch 2.5 "x" 42 255}}', '3 "a" amd64   2.5|x    |00042|ff'],
    ['{{printf "%d" "x"}} {{printf "%s"}} {{printf "a" 1}}', '%!d(string=x) %!s(MISSING) a%!(EXTRA int=1)'],
    ['{{lt .Host.CPUs 5}} {{slice .Host.Arch 1 2}} {{len .Host.Controllers}}', 'true m 2'],
    ['{{and 1 0}} {{or 0 "x"}} {{not true}} {{and true (or false 2)}}', '0 x false 2'],
    ['{{html "<a>"}} {{js "it\'s"}} {{urlquery "a b"}}', '&lt;a&gt; it\\&#39;s a+b'.replace('&#39;', "'")],
    ['{{print 1 2 "x" 3}} {{println "a" 1}}', '1 2x3 a 1\n'],
    ['{{json .Status}} {{json "<&>"}} {{json nil}}', '{"b":"2","a":"1"} "<&>" null'],
    [
      '{{join .Host.Controllers "+"}} {{split "a,b" ","}} {{title "ab cd"}} {{lower "AB"}}',
      'cpuset+cpu [a b] Ab Cd ab',
    ],
    ['{{truncate "abcdef" 3}}|{{pad "x" 1 2}}|', 'abc| x  |'],
    ['{{.Label "k"}} {{.Nothing}}|', '<k> |'],
    ['a {{- " b " -}} c', 'a b c'],
    ['a{{/* no */}}b {{- /* c */ -}} d', 'abd'],
    ['{{"\\t"}}{{`a\\n`}}{{\'a\'}}', '\ta\\n97'],
    ['{{define "t"}}[{{.}}]{{end}}{{template "t" .Host.Arch}}', '[amd64]'],
    ['{{block "b" .Host}}{{.CPUs}}{{end}}', '2'],
    ['{{.Host.Idle}} {{1e3}} {{0x10}}', '93.64 1000 16'],
    ['{{.Host.Security}} {{.Host.Next}}', '{false} <nil>'],
    ['{{eq .Host.Arch "amd64"}}{{ne 1 2}}{{ge 2 2}}{{gt "b" "a"}}{{le 3 2}}', 'truetruetruetruefalse'],
  ])('%s', (text, output) => {
    expect(render(text)).toBe(output);
  });
});

describe('mistakes are told in the words of Go', () => {
  test.each([
    ['{{.Foo}}', 'template: info:1:2: executing "info" at <.Foo>: can\'t evaluate field Foo in type system.infoReport'],
    [
      '{{.Host.Foo}}',
      'template: info:1:7: executing "info" at <.Host.Foo>: can\'t evaluate field Foo in type *define.HostInfo',
    ],
    [
      '{{.Host.Uptime.X}}',
      'template: info:1:7: executing "info" at <.Host.Uptime.X>: can\'t evaluate field X in type string',
    ],
    [
      'a\nb {{.Foo}}',
      'template: info:2:4: executing "info" at <.Foo>: can\'t evaluate field Foo in type system.infoReport',
    ],
    [
      '{{.Host.Next.X}}',
      'template: info:1:7: executing "info" at <.Host.Next.X>: nil pointer evaluating interface {}.X',
    ],
    ['{{foo}}', 'template: info:1: function "foo" not defined'],
    ['{{.ID', 'template: info:1: unclosed action'],
    ['x {{', 'template: info:1: unclosed action'],
    ['{{if}}', 'template: info:1: missing value for if'],
    ['{{if true}}x', 'template: info:1: unexpected EOF'],
    ['{{.ID}} {{end}}', 'template: info:1: unexpected {{end}}'],
    ['{{break}}', 'template: info:1: {{break}} outside {{range}}'],
    ['{{$x}}', 'template: info:1: undefined variable "$x"'],
    ['{{1 | 2}}', 'template: info:1: non executable command in pipeline stage 2'],
    ['{{template "x"}}', 'template: info:1:11: executing "info" at <{{template "x"}}>: template "x" not defined'],
    [
      '{{eq 1 "a"}}',
      'template: info:1:2: executing "info" at <eq 1 "a">: error calling eq: incompatible types for comparison: int and string',
    ],
    [
      '{{index .Host.Controllers 99}}',
      'template: info:1:2: executing "info" at <index .Host.Controllers 99>: error calling index: index out of range: 99',
    ],
    ['{{len 3}}', 'template: info:1:2: executing "info" at <len 3>: error calling len: len of type int'],
    [
      '{{.Host.Arch "x"}}',
      'template: info:1:7: executing "info" at <.Host.Arch>: Arch has arguments but cannot be invoked as function',
    ],
    ['{{range .Host}}{{end}}', 'template: info:1:8: executing "info" at <.Host>: range can\'t iterate over'],
    ['{{"a}}', 'template: info:1: unterminated quoted string'],
    ['{{.A#}}', "template: info:1: bad character U+0023 '#'"],
    ['{{ # }}', "template: info:1: unrecognized character in action: U+0023 '#'"],
  ])('%s', (text, message) => {
    expect(() => render(text)).toThrow(message);
  });

  test('a template that calls itself without end is stopped', () => {
    expect(() => render('{{define "t"}}{{template "t"}}{{end}}{{template "t"}}')).toThrow(
      'exceeded maximum template depth',
    );
  });
});

test('members of prototypes are not reachable', () => {
  expect(() => render('{{.constructor}}')).toThrow("can't evaluate field constructor");
  expect(render('{{.Status.constructor}}')).toBe('<no value>');
});

test('getters run only for what a template shows', () => {
  let runs = 0;
  const lazy = goStructs(
    {
      A: 'a',
      get B() {
        runs++;
        return { inner: 'b' };
      },
    },
    'x',
  );
  expect(compileTemplate('{{.A}}')(lazy)).toBe('a');
  expect(runs).toBe(0);
  expect(compileTemplate('{{.B.Inner}}')(lazy)).toBe('b');
  expect(() => compileTemplate('{{.B.Nope}}')(lazy)).toThrow("can't evaluate field Nope in type define.B");
});

test('own functions come before the usual ones', () => {
  expect(
    compileTemplate('{{upper "a"}}{{twice "b"}}', { functions: { upper: () => '!', twice: (x: string) => x + x } })({}),
  ).toBe('!bb');
});
