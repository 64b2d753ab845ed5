import { describe, expect, test } from 'vitest'
import { compile, parse } from '../../src/wire/compiler.ts'
import { IdlError } from '../../src/wire/schema.ts'

/** The fields of a record of a file that declares Id before it. */
const inRecord = (fields: string) =>
  `module m {\n  class Id { ustring scheme; }\n  class R {\n${fields}\n  }\n}\n`

describe('parsing', () => {
  test('a file becomes its records, in its order', () => {
    const idl = `
      // a comment
      module org.apache.zookeeper.data {
        class Id { ustring scheme; ustring? id; } /* another,
        of two lines */
        class Rights { vector<org.apache.zookeeper.data.Id> ids; trailing boolean open; }
      }`
    const ustring = { kind: 'primitive', name: 'ustring' }
    expect(parse(idl)).toEqual([
      {
        name: 'Id',
        module: 'org.apache.zookeeper.data',
        fields: [
          { name: 'scheme', type: ustring, nullable: false, trailing: false },
          { name: 'id', type: ustring, nullable: true, trailing: false },
        ],
      },
      {
        name: 'Rights',
        module: 'org.apache.zookeeper.data',
        fields: [
          {
            name: 'ids',
            type: { kind: 'vector', element: { kind: 'record', name: 'Id' } },
            nullable: false,
            trailing: false,
          },
          { name: 'open', type: { kind: 'primitive', name: 'boolean' }, nullable: false, trailing: true },
        ],
      },
    ])
  })

  test.each([
    ['an unknown type', inRecord('    Statt stat;'), 4, 'there is no type Statt above this line'],
    ['a type used above itself', inRecord('    R next;'), 4, 'there is no type R above this line'],
    ['a field twice', inRecord('    int a;\n    long a;'), 5, 'there is a field a already'],
    [
      'a record twice',
      inRecord('    int a;\n  }\n  class Id {\n    int b;'),
      6,
      'there is a record Id already',
    ],
    ['a record without fields', inRecord(''), 3, 'record R has no fields'],
    ['a null that has no form', inRecord('    int? a;'), 4, 'int has no null'],
    ['a null record', inRecord('    Id? a;'), 4, 'Id has no null'],
    [
      'a field after a trailing one',
      inRecord('    trailing int a;\n    int b;'),
      5,
      'b follows a trailing field, so it must be trailing too',
    ],
    ['a missing semicolon', inRecord('    int a\n    int b;'), 5, "';' expected, 'int' found"],
    ['a sign that means nothing', inRecord('    int a#;'), 4, "';' expected, '#' found"],
    ['an open vector', inRecord('    vector<int a;'), 4, "'>' expected, 'a' found"],
    ['a file that ends early', 'module m {\n  class R {\n    int a;\n', 4, 'a type expected, the file ends'],
    ['a small name', 'module m {\n  class r { int a; }\n}', 2, "a record's name starts with a capital: r"],
    ['something outside a module', 'class R { int a; }', 1, "'module' expected, 'class' found"],
  ])('%s is told with its line', (_, idl, line, problem) => {
    expect(() => parse(idl)).toThrow(new IdlError(line, problem))
  })
})

describe('generating', () => {
  test('a record becomes an interface, a writer and a reader that go straight down its fields', () => {
    expect(compile('module m { class Pair { int left; buffer? right; trailing long extra; } }')).toContain(
      `export interface Pair {
  left: number
  right: Uint8Array | null
  extra?: bigint | undefined
}

export function writePair(out: OutputArchive, record: Pair): void {
  out.int(record.left)
  out.buffer(record.right)
  if (record.extra !== undefined) out.long(record.extra)
}

export function readPair(input: InputArchive): Pair {
  return {
    left: input.int(),
    right: input.buffer(),
    extra: input.remaining() === 0 ? undefined : input.long(),
  }
}
`,
    )
  })

  test('each kind of vector gets one reader, however many fields have it', () => {
    const source = compile(
      'module m { class R { vector<vector<int>> a; vector<vector<int>>? b; vector<int> c; } }',
    )
    expect(source.match(/^function readVector\w+/gm)).toEqual([
      'function readVectorOfInt',
      'function readVectorOfVectorOfInt',
    ])
    expect(source).toContain(
      "a: present(readVectorOfVectorOfInt(input), 'R.a'),\n    b: readVectorOfVectorOfInt(input),",
    )
  })
})
