import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, tokenise } from '#lab/wire/compiler.ts'
import { given, inModule, record, refusedAt, story } from '../../../labs/05-inside-jute/test/records.ts'
import { fileOf, gap, schema } from './schemas.ts'

const lined = (idl: string): string =>
  tokenise(idl)
    .map(({ text, line }) => `${text === '' ? 'end' : text}@${line}`)
    .join(' ')

function expectTokens(idl: string, expected: string, because: string): void {
  expect(
    given(() => lined(idl)),
    story(idl, because),
  ).toBe(expected)
}

function expectParsed(idl: string, expected: unknown, because: string): void {
  expect(
    given(() => parse(idl)),
    story(idl, because),
  ).toEqual(expected)
}

describe('A. Cut the file into words and signs', () => {
  const section = '(chapter 05, "From text to tokens")'

  test('an empty file is its end, on line 1, and so is one of comments, on its last line', () => {
    expectTokens('', 'end@1', section)
    expectTokens('// nothing\n\n/* at\nall */', 'end@4', section)
  })

  test('a comment ends where it says, not where the last one does', () => {
    expectTokens('/* a */ int /* b */ x /**/ ; /***/ y', 'int@1 x@1 ;@1 y@1 end@1', section)
    expectTokens('int a; // one\nint b; // two', 'int@1 a@1 ;@1 int@2 b@2 ;@2 end@2', section)
  })

  test('within a comment the other kind of comment means nothing', () => {
    expectTokens('int // /* \n a', 'int@1 a@2 end@2', section)
    expectTokens('int /* // */ a', 'int@1 a@1 end@1', section)
  })

  test('a comment that begins and does not end is refused where it begins', () => {
    const because = `Else the rest of the file would be gone without a word. ${section}`
    expectTokens('int a;\n/* int b;\nint c;\n', refusedAt(2), because)
    expectTokens('int a;\n\n/*/ int b;', refusedAt(3), because)
    expectTokens('/*', refusedAt(1), because)
    expectTokens('int a;\n/*/', refusedAt(2), because)
  })

  test('one slash or star by itself is a sign like any other', () => {
    expectTokens('a / b * c', 'a@1 /@1 b@1 *@1 c@1 end@1', section)
  })

  test("signs that the language does not know are tokens: it is the parser's to refuse them, with their line", () => {
    expectTokens('int\n#a-b¿', 'int@1 #@2 a@2 -@2 b@2 ¿@2 end@2', section)
  })

  test('digits and underscores are parts of a word', () => {
    expectTokens('a_1 1a _ 22', 'a_1@1 1a@1 _@1 22@1 end@1', section)
  })

  test('tabs, carriage returns and empty lines are blanks', () => {
    expectTokens('int\ta;\r\n\r\n  long\r\n b', 'int@1 a@1 ;@1 long@3 b@4 end@4', section)
  })
})

describe('B. Parse records and their fields', () => {
  const section = '(chapter 05, "From tokens to records")'

  test('a file without modules has no records, and so has a module without classes', () => {
    expectParsed('', [], section)
    expectParsed('module a { } module b {\n}\n', [], section)
    expectParsed(
      'module a { } module b { class X { int x; } }',
      [{ ...record('X', 'int x'), module: 'b' }],
      section,
    )
  })

  test("words mean something at their place only: elsewhere they are a field's name", () => {
    for (const word of ['class', 'module', 'vector', 'trailing', 'int']) {
      expectParsed(
        inModule(`class R { int ${word}; trailing long x; }`),
        [record('R', `int ${word}`, 'trailing long x')],
        section,
      )
    }
  })

  test('two records may have fields of the same name, two modules may not have records of the same name', () => {
    expectParsed(
      inModule('class A { int x; } class B { int x; }'),
      [record('A', 'int x'), record('B', 'int x')],
      section,
    )
    expectParsed('module a { class R { int x; } }\nmodule b {\n class R { int x; } }', refusedAt(3), section)
  })

  test('a second field of the same name is refused, wherever the first one is', () => {
    expectParsed(inModule('class R { int a; int b;', ' int c; long a; }'), refusedAt(3), section)
  })

  test("names are words: a field's begins with a letter, a record's with a capital, and neither has dots", () => {
    for (const name of ['a.b', '_a', '1a', '__proto__', '#']) {
      expectParsed(
        inModule('class R {', ` int ${name}; }`),
        refusedAt(3),
        `${name} would be part of a program. ${section}`,
      )
    }
    for (const name of ['r', '_R', 'R.S', '9']) {
      expectParsed(
        inModule('', `class ${name} { int a; }`),
        refusedAt(3),
        `${name} would be part of a program. ${section}`,
      )
    }
  })

  test('a record without fields is refused on the line of its name', () => {
    expectParsed(inModule('class', 'R', '{', '', '}'), refusedAt(3), section)
  })

  test('of the simple types a string and a buffer can be null', () => {
    const because = '(chapter 05, "Two marks of our own")'
    expectParsed(
      inModule('class R { ustring? a; buffer? b; }'),
      [record('R', 'ustring? a', 'buffer? b')],
      because,
    )
    for (const type of ['byte', 'boolean', 'int', 'long', 'float', 'double']) {
      expectParsed(inModule(`class R { ${type}? a; }`), refusedAt(2), because)
    }
  })

  test('trailing fields follow each other, and then the record ends', () => {
    const because = '(chapter 05, "Two marks of our own")'
    expectParsed(
      inModule('class R { int a; trailing int b; trailing ustring? c; }', 'class S { int a; }'),
      [record('R', 'int a', 'trailing int b', 'trailing ustring? c'), record('S', 'int a')],
      because,
    )
    expectParsed(
      inModule('class R { trailing int a;', ' trailing int b;', ' int c; }'),
      refusedAt(4),
      because,
    )
    expectParsed(inModule('class R { int a;', ' trailing int b;', ' int c; }'), refusedAt(4), because)
    expectParsed(inModule('class R { trailing int a;', ' int b; }'), refusedAt(3), because)
  })

  test('a refusal tells more than the line', () => {
    const faulty = [
      ...[
        'class r { int a; }',
        'class R { }',
        'class R { int a; } class R { int a; }',
        'class R { int _a; }',
      ],
      ...['class R { int a; int a; }', 'class R { int? a; }', 'class R { trailing int a; int b; }'],
      ...['class R { S a; }', 'class R { int a }', 'class R { int a; ', '/* R'],
    ]
    for (const idl of faulty.map(line => inModule(line))) {
      let said = 'nothing'
      try {
        parse(idl)
      } catch (error) {
        said = (error as Error).message
        if ((error as Error).name === 'Todo') throw error
      }
      expect(said, story(idl, `What to write is yours, but not nothing. ${section}`)).toMatch(/^line \d+: \S/)
    }
  })

  test('the end of the file and whatever else is in the wrong place is refused on its line', () => {
    for (const [idl, line] of [
      ['class R { int a; }', 1],
      ['int a;', 1],
      ['module {\n}', 1],
      ['module 9m {\n}', 1],
      ['module m {\n int a;\n}', 2],
      ['module m {\n class R\n  int a; }', 3],
      ['module m {\n class R {\n  int;\n }', 3],
      ['module m {\n class R {\n  int a b; }', 3],
      ['module m {\n class R {\n  trailing; }', 3],
      ['module m {\n class R { int a; }\n}\n}', 4],
      ['module m {\n class R { int a;\n\n', 4],
      ['module m {\n', 2],
      ['module m', 1],
      ['module m {\n class R {\n  int a\n }\n}', 4],
    ] as const) {
      expectParsed(idl, refusedAt(line), section)
    }
  })

  test('any file that chance makes of simple fields gives its records back', () => {
    fc.assert(
      fc.property(schema(0), fc.array(gap, { minLength: 1, maxLength: 7 }), (records, gaps) => {
        expectParsed(fileOf(records, gaps), records, section)
      }),
      { numRuns: 60 },
    )
  })

  test('a file that is cut between any two of its tokens is refused, unless a module ends there', () => {
    fc.assert(
      fc.property(schema(0), records => {
        const tokens = fileOf(records, [' ']).trim().split(' ')
        for (let end = 1; end < tokens.length; end++) {
          const idl = tokens.slice(0, end).join(' ')
          const isWhole = tokens[end] === 'module' && tokens[end - 1] === '}' && tokens[end - 2] === '}'
          if (!isWhole) expectParsed(idl, refusedAt(1), section)
        }
      }),
      { numRuns: 10 },
    )
  })
})

describe('C. Find out what a type means', () => {
  const section = '(chapter 05, "What a name means")'

  test('a vector of anything can be null, a record cannot', () => {
    expectParsed(inModule('class R { vector<int>? a; }'), [record('R', 'vector<int>? a')], section)
    expectParsed(inModule('class I { int a; }', 'class R {', ' I? a; }'), refusedAt(4), section)
  })

  test('a record is not known before it ends, nor below another that stands later', () => {
    const because = `Else a reader could call itself for ever. ${section}`
    expectParsed(inModule('class R {', '  vector<R> next; }'), refusedAt(3), because)
    expectParsed(inModule('class A {', ' B b; }', 'class B { int a; }'), refusedAt(3), because)
    expectParsed(
      inModule('class A { int a; }', 'class B { A a; }', 'class C { B b; A a; }'),
      [record('A', 'int a'), record('B', 'A a'), record('C', 'B b', 'A a')],
      because,
    )
  })

  test('a record of an earlier module is known in a later one', () => {
    expectParsed(
      'module a { class X { int x; } } module b { class Y { X x; a.X y; b.X z; } }',
      [
        { ...record('X', 'int x'), module: 'a' },
        { ...record('Y', 'X x', 'X y', 'X z'), module: 'b' },
      ],
      section,
    )
  })

  test('only what stands behind the last dot counts, and it must be a record', () => {
    expectParsed(
      inModule('class Id { int a; }', 'class R { a.b.c.Id x; }'),
      [record('Id', 'int a'), record('R', 'Id x')],
      section,
    )
    expectParsed(inModule('class Id { int a; }', 'class R {', ' a.int x; }'), refusedAt(4), section)
    expectParsed(inModule('class Id { int a; }', 'class R {', ' Id.a x; }'), refusedAt(4), section)
    expectParsed(inModule('class Id { int a; }', 'class R {', ' a.vector<int> x; }'), refusedAt(4), section)
  })

  test('types have capitals as they were declared with them', () => {
    for (const type of ['Int', 'INT', 'Vector', 'string', 'id', 'ID', 'map']) {
      expectParsed(inModule('class Id { int a; }', 'class R {', ` ${type} x; }`), refusedAt(4), section)
    }
  })

  test('a vector has one element type in angle brackets', () => {
    for (const type of [
      'vector',
      'vector int',
      'vector<>',
      'vector<int',
      'vector<int,int>',
      'vector<vector<int>',
      'vector<int?>',
    ]) {
      expectParsed(inModule('class R {', ` ${type} a; }`), refusedAt(3), section)
    }
    expectParsed(inModule('class R {', ' vector<', ' Statt', '> a; }'), refusedAt(4), section)
  })

  test('any file that chance makes gives its records back', () => {
    fc.assert(
      fc.property(schema(3), fc.array(gap, { minLength: 1, maxLength: 7 }), (records, gaps) => {
        expectParsed(fileOf(records, gaps), records, section)
      }),
      { numRuns: 60 },
    )
  })
})
