import { describe, expect, test } from 'vitest'
import { parse, tokenise } from '#lab/wire/compiler.ts'
import { bytesOf, given, inModule, record, refusedAt, story } from './records.ts'
import { exportsOf, read, throughCompiled, written } from './run.inside.ts'

/** `class@1 Id@1 {@1 …`: each token with its line; the end of the file is written `end`. */
const shown = (idl: string): string =>
  tokenise(idl)
    .map(({ text, line }) => `${text === '' ? 'end' : text}@${line}`)
    .join(' ')

function expectTokens(idl: string, expected: string, because: string): void {
  expect(
    given(() => shown(idl)),
    story(idl, because),
  ).toBe(expected)
}

function expectParsed(idl: string, expected: unknown, because: string): void {
  expect(
    given(() => parse(idl)),
    story(idl, because),
  ).toEqual(expected)
}

const describedAs = (records: readonly ReturnType<typeof record>[]): string =>
  records.map(({ name, fields }) => `${name}: ${JSON.stringify(fields)}`).join('\n')

describe('A. Cut the file into words and signs', () => {
  const section = '(chapter 05, "From text to tokens")'

  test('words and signs come in their order, each with its line, and then the end of the file', () => {
    expectTokens(
      'class Id {\n  ustring scheme;\n}\n',
      'class@1 Id@1 {@1 ustring@2 scheme@2 ;@2 }@3 end@4',
      `A word is letters, digits, _ and dots; any other sign stands alone. ${section}`,
    )
  })

  test('signs need no blanks round them, and a dot belongs to its word', () => {
    expectTokens(
      'vector<vector<org.apache.ACL>>? a;',
      'vector@1 <@1 vector@1 <@1 org.apache.ACL@1 >@1 >@1 ?@1 a@1 ;@1 end@1',
      section,
    )
  })

  test('comments are left out, and their lines are counted', () => {
    expectTokens(
      'int a; // the rest; of the line\n/* over\ntwo lines */ int b;',
      'int@1 a@1 ;@1 int@3 b@3 ;@3 end@3',
      `A line counts, whatever is on it. ${section}`,
    )
  })
})

describe('B. Parse records and their fields', () => {
  const section = '(chapter 05, "From tokens to records")'

  test('a record has a name, the name of its module, and fields in their order', () => {
    expectParsed(
      inModule('  class Pair {', '    int left;', '    long right;', '  }'),
      [record('Pair', 'int left', 'long right')],
      section,
    )
  })

  test('a question mark and the word trailing are marks of a field', () => {
    expectParsed(
      inModule('class Call { buffer? token; trailing boolean readOnly; }'),
      [record('Call', 'buffer? token', 'trailing boolean readOnly')],
      `\`?\`: may be null; \`trailing\`: may be missing at the end. (chapter 05, "Two marks of our own")`,
    )
  })

  test('records of several modules stand in one list', () => {
    expectParsed(
      'module a { class X { int x; } class Y { int y; } } module b { class Z { int z; } }',
      [
        { ...record('X', 'int x'), module: 'a' },
        { ...record('Y', 'int y'), module: 'a' },
        { ...record('Z', 'int z'), module: 'b' },
      ],
      section,
    )
  })

  test('what is missing is told with the line where something else stands', () => {
    const because = `Whoever wrote the file needs the line, not the compiler's feelings. ${section}`
    expectParsed(inModule('class R {', '  int a', '  int b;', '}'), refusedAt(4), because)
    expectParsed('module m {\n  class R {\n    int a;\n', refusedAt(4), because)
  })

  test('two of the same name are one too many', () => {
    const because = `Both would be the same property, or the same function. ${section}`
    expectParsed(inModule('class R {', '  int a;', '  long a;', '}'), refusedAt(4), because)
    expectParsed(inModule('class R { int a; }', 'class R { int a; }'), refusedAt(3), because)
  })

  test('a record has a capital and at least one field', () => {
    expectParsed(inModule('class r { int a; }'), refusedAt(2), section)
    expectParsed(inModule('class R {', '}'), refusedAt(2), section)
  })

  test('an int cannot be null, and nothing follows a trailing field but trailing fields', () => {
    const because = `There is no form for it on the wire. (chapter 05, "Two marks of our own")`
    expectParsed(inModule('class R { int? a; }'), refusedAt(2), because)
    expectParsed(inModule('class R {', '  trailing int a;', '  int b;', '}'), refusedAt(4), because)
  })
})

describe('C. Find out what a type means', () => {
  const section = '(chapter 05, "What a name means")'

  test('a vector has elements of a type, and that may be a vector again', () => {
    expectParsed(
      inModule('class R { vector<int> a; vector<vector<ustring>>? b; }'),
      [record('R', 'vector<int> a', 'vector<vector<ustring>>? b')],
      section,
    )
  })

  test("a record is a type below the place where it is declared, also with its module's name in front", () => {
    expectParsed(
      inModule('class Id { int a; }', 'class R { Id a; org.apache.zookeeper.data.Id b; vector<m.Id> c; }'),
      [record('Id', 'int a'), record('R', 'Id a', 'Id b', 'vector<Id> c')],
      section,
    )
  })

  test('a name that nothing above has is told with its line', () => {
    const because = `So no record can contain itself. ${section}`
    expectParsed(inModule('class R {', '  Statt stat;', '}'), refusedAt(3), because)
    expectParsed(inModule('class R {', '  R next;', '}'), refusedAt(3), because)
  })
})

describe('D. Emit the code that writes', () => {
  const section = '(chapter 05, "Code that writes")'

  function expectWritten(
    records: ReturnType<typeof record>[],
    value: unknown,
    hex: string,
    because: string,
  ): void {
    expect(written(records, value), story(describedAs(records), because)).toBe(hex.replaceAll(' ', ''))
  }

  test('fields are written one after the other, each as its type says', () => {
    expectWritten(
      [record('Call', 'int xid', 'long zxid', 'boolean watch', 'ustring path', 'buffer? data')],
      { xid: 1, zxid: 2n, watch: true, path: '/a', data: null },
      '00000001 0000000000000002 01 00000002 2f61 ffffffff',
      section,
    )
  })

  test("a field that is a record is written by that record's function", () => {
    expectWritten(
      [record('Id', 'ustring scheme', 'ustring id'), record('ACL', 'int perms', 'Id id')],
      { perms: 31, id: { scheme: 'x', id: 'y' } },
      '0000001f 00000001 78 00000001 79',
      section,
    )
  })

  test('a vector is its count and its elements, or -1 for null', () => {
    const records = [record('R', 'vector<int>? a')]
    expectWritten(records, { a: [7, 8] }, '00000002 00000007 00000008', section)
    expectWritten(records, { a: [] }, '00000000', section)
    expectWritten(records, { a: null }, 'ffffffff', section)
  })

  test('a trailing field is written when it is there', () => {
    const records = [record('R', 'int a', 'trailing int b')]
    expectWritten(records, { a: 1, b: 2 }, '00000001 00000002', section)
    expectWritten(records, { a: 1 }, '00000001', section)
  })
})

describe('E. Emit the code that reads', () => {
  const section = '(chapter 05, "Code that reads")'

  function expectRead(
    records: ReturnType<typeof record>[],
    hex: string,
    value: unknown,
    because: string,
  ): void {
    expect(read(records, bytesOf(hex)), story(`${describedAs(records)}\nread from ${hex}`, because)).toEqual(
      value,
    )
  }

  test('fields are read in the order in which they were written', () => {
    expectRead(
      [record('Call', 'int xid', 'long zxid', 'boolean watch', 'ustring path', 'buffer? data')],
      '00000001 0000000000000002 01 00000002 2f61 ffffffff',
      { xid: 1, zxid: 2n, watch: true, path: '/a', data: null },
      section,
    )
  })

  test('records and vectors are read by functions of their own', () => {
    expectRead(
      [record('Id', 'int a'), record('R', 'Id one', 'vector<Id> many')],
      '00000007 00000002 00000008 00000009',
      { one: { a: 7 }, many: [{ a: 8 }, { a: 9 }] },
      section,
    )
  })

  test('null is refused where it may not be, and the refusal names the field', () => {
    const because = `The server behind the reader believes the types. ${section}`
    expectRead(
      [record('R', 'ustring path')],
      'ffffffff',
      expect.stringMatching(/^KeeperError: MARSHALLINGERROR.*R\.path/),
      because,
    )
    expectRead([record('R', 'ustring? path')], 'ffffffff', { path: null }, because)
  })

  test('a trailing field is undefined when the bytes end before it', () => {
    const records = [record('R', 'int a', 'trailing int b')]
    expectRead(records, '00000001 00000002', { a: 1, b: 2 }, section)
    expectRead(records, '00000001', { a: 1, b: undefined }, section)
  })
})

describe('F. Compile the whole file', () => {
  const section = '(chapter 05, "A module")'
  const idl = inModule(
    'class Id { ustring scheme; ustring? id; }',
    'class R { vector<Id> a; vector<vector<int>> b; }',
  )

  test('a module exports a writer and a reader for each record', () => {
    expect(exportsOf(idl), story(idl, section)).toEqual(['readId', 'readR', 'writeId', 'writeR'])
  })

  test('a value comes back as it went', () => {
    const value = {
      a: [
        { scheme: 'world', id: 'anyone' },
        { scheme: 'auth', id: null },
      ],
      b: [[1, 2], [], [3]],
    }
    const [result] = throughCompiled(idl, [['R', value]])
    expect(result!.back, story(idl, section)).toEqual(value)
  })

  test('however many fields have a kind of vector, it gets its functions once', () => {
    const twice = inModule('class R { vector<int> a; vector<int>? b; vector<vector<int>> c; }')
    const value = { a: [1], b: null, c: [[2]] }
    expect(throughCompiled(twice, [['R', value]])[0]!.back, story(twice, section)).toEqual(value)
  })
})
