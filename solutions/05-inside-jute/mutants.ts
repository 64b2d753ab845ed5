import { edit, mutant } from '../../course/mutants.ts'

export default [
  // A
  mutant(
    'lets a comment end at the last mark',
    'thinks that .* stops as soon as it can',
    edit('tokenise', '.*?(?:', '.*(?:'),
  ),
  mutant(
    'does not count the lines of comments',
    'counts lines where there are tokens',
    edit(
      'tokenise',
      "line += text.split('\\n').length - 1",
      "if (!isComment) line += text.split('\\n').length - 1",
    ),
  ),
  mutant(
    'counts a line for each blank',
    'takes a run of blanks for one line end',
    edit('tokenise', "line += text.split('\\n').length - 1", "if (text.includes('\\n')) line++"),
  ),
  mutant(
    'swallows what follows an open comment',
    'forgets that a comment may never end',
    edit('tokenise', '!/.\\*\\/$/.test(text.slice(1))', 'text.length < 4'),
  ),
  mutant(
    'takes slash, star, slash for a whole comment',
    'lets one star be the end of the beginning and the beginning of the end',
    edit('tokenise', '!/.\\*\\/$/.test(text.slice(1))', "!text.endsWith('*/')"),
  ),
  mutant(
    'joins signs that stand together',
    'writes + for words and for signs alike',
    edit('tokenise', '[\\w.]+|./gs', '[\\w.]+|[^\\w.\\s]+/gs'),
  ),
  mutant(
    'leaves out signs that it does not know',
    'looks only for what it expects: what the author mistyped is gone before anybody can refuse it',
    edit('tokenise', '[\\w.]+|./gs', '[\\w.]+|[{}<>?;]/gs'),
  ),
  mutant(
    'gives the end of the file the first line',
    'thinks that nobody will ask where a file ends',
    edit('tokenise', "tokens.push({ text: '', line })", "tokens.push({ text: '', line: 1 })"),
  ),
  // B
  mutant(
    'allows a record twice in two modules',
    'thinks that a module is a namespace in what is made, too',
    edit(
      'parseRecord',
      'known.some(record => record.name === name)',
      'known.some(record => record.name === name && record.module === module)',
    ),
  ),
  mutant(
    'allows a record without fields',
    'sees nothing wrong with nothing',
    edit('parseRecord', 'fields.length === 0', 'fields.length < 0'),
  ),
  mutant(
    'allows a record any name',
    'thinks of names as text: a dot in one becomes a dot in the program',
    edit('parseRecord', '/^[A-Z]\\w*$/', '/^[A-Z]/'),
  ),
  mutant(
    'tells the line where a record ends',
    'asks for the line when the error is found',
    edit(
      'parseRecord',
      'throw new IdlError(line, `record ${name} has no fields`)',
      'throw new IdlError(tokens.line, `record ${name} has no fields`)',
    ),
  ),
  mutant(
    'looks only at the field above for the same name',
    'compares neighbours',
    edit('parseField', 'before.some(field => field.name === name)', 'before.at(-1)?.name === name'),
  ),
  mutant(
    'allows a field any name',
    'does not think of __proto__, nor of dots',
    edit('parseField', '/^[A-Za-z]\\w*$/', '/^[\\w.]+$/'),
  ),
  mutant(
    'allows null everywhere',
    'forgets that null needs a form on the wire',
    edit('parseField', 'nullable && !hasNull(type)', 'nullable && type.kind === "record"'),
  ),
  mutant(
    'looks at the first field for the mark trailing',
    'compares with the wrong end',
    edit('parseField', 'before.at(-1)?.trailing', 'before[0]?.trailing'),
  ),
  mutant(
    'does without the semicolon',
    'accepts where it should expect',
    edit('parseField', "tokens.expect(';')", "tokens.accept(';')"),
  ),
  // C
  mutant(
    'believes in types that nobody declared',
    'leaves it to TypeScript to complain, without the line',
    edit('parseType', 'if (known.some(other => other.name === record)) return', 'return'),
  ),
  mutant(
    'knows simple types behind a module, too',
    'cuts the name at the dot before it asks what it is',
    edit(
      'parseType',
      'if (known.some(other => other.name === record))',
      "const simple = primitiveNames.find(known => known === record)\n  if (simple !== undefined) return { kind: 'primitive', name: simple }\n  if (known.some(other => other.name === record))",
    ),
  ),
  mutant(
    'cuts a name at its first dot',
    'tries it with names of one dot',
    edit('parseType', "name.lastIndexOf('.')", "name.indexOf('.')"),
  ),
  mutant(
    'allows vectors of simple types and records only',
    'forgets that an element is a type like any other',
    edit(
      'parseType',
      'const element = parseType(tokens, known)',
      "const element = parseType(tokens, known)\n    if (element.kind === 'vector') throw new IdlError(line, 'a vector of vectors')",
    ),
  ),
  // D
  mutant(
    'writes a trailing field when it is true',
    'thinks that what is false is not there',
    edit('writerOf', '`  if (${value} !== undefined) ${write}\\n`', '`  if (${value}) ${write}\\n`'),
  ),
  mutant(
    'leaves out a trailing field that is null',
    'takes null and undefined for the same',
    edit('writerOf', '!== undefined', '!= null'),
  ),
  mutant(
    'writes the fields in the order of the alphabet',
    'thinks that names travel, and their order does not matter',
    edit(
      'writerOf',
      'const lines = fields.map',
      'const lines = [...fields].sort((a, b) => (a.name < b.name ? -1 : 1)).map',
    ),
  ),
  mutant(
    'writes null as an empty vector',
    'thinks that nothing is nothing',
    edit('vectorWriterOf', 'items === null ? null : items.length', 'items === null ? 0 : items.length'),
  ),
  mutant(
    'stops at an element that is empty',
    'asks of an element what one asks of a vector',
    edit('vectorWriterOf', 'for (const item of items) ${', 'for (const item of items) if (item) ${'),
  ),
  mutant(
    'unpacks the record by the names of its fields',
    'thinks that a name that may follow a dot may stand by itself: class and delete may not',
    edit(
      'writerOf',
      'const value = `record.${field.name}`',
      'const value = `(({ ${field.name} }) => ${field.name})(record)`',
    ),
  ),
  // E
  mutant(
    'lets null pass',
    'thinks that the types of TypeScript hold on the wire',
    edit('readValue', 'hasNull(type) && !nullable', 'hasNull(type) && !nullable && false'),
  ),
  mutant(
    'refuses null in strings and buffers only',
    'forgets that a vector can be null, too',
    edit('readValue', 'hasNull(type) && !nullable', "hasNull(type) && type.kind !== 'vector' && !nullable"),
  ),
  mutant(
    'allows elements to be null',
    'uses the mark of the vector for what is in it, or no mark at all',
    edit('vectorReaderOf', 'readValue(element, false,', 'readValue(element, true,'),
  ),
  mutant(
    'takes a trailing field for missing when it is false',
    'asks what the field is instead of whether it is there',
    edit(
      'readerOf',
      '`input.remaining() === 0 ? undefined : ${read}`',
      '`input.remaining() === 0 ? undefined : ${read} || undefined`',
    ),
  ),
  mutant(
    'reads a missing field as null',
    'takes what was not said for what was said to be nothing',
    edit('readerOf', '? undefined : ${read}', "? ${field.nullable ? 'null' : 'undefined'} : ${read}"),
  ),
  mutant(
    'names the record without the field',
    'writes the message for itself and not for whoever reads the log',
    edit('readerOf', '`${name}.${field.name}`', 'name'),
  ),
  mutant(
    'reads null as an empty vector',
    'does without the difference that it has just been taught',
    edit('vectorReaderOf', 'if (count === null) return null', 'if (count === null) return []'),
  ),
  // F
  mutant(
    'makes functions for outer vectors only',
    'does not look into a vector for another',
    edit('collectVectors', '  collectVectors(type.element, into)\n', ''),
  ),
  mutant(
    'makes functions for each vector again',
    'thinks of fields where kinds are meant',
    edit(
      'generate',
      '...[...vectors.values()].flatMap(',
      "...records.flatMap(({ fields }) => fields.flatMap(({ type }) => (type.kind === 'vector' ? [type.element] : []))).flatMap(",
    ),
  ),
  mutant(
    'makes functions for inner vectors only',
    'keeps what lies deepest',
    edit(
      'collectVectors',
      'into.set(suffix(type.element), type.element)',
      "if (type.element.kind !== 'vector') into.set(suffix(type.element), type.element)",
    ),
  ),
  mutant(
    'forgets what stands behind the last record',
    'tries it with records that cannot be null',
    edit('generate', '    present,\n', ''),
  ),
]
