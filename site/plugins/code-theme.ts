/** Colours for code, few and quiet, from variables of the style sheet: so one theme serves light and dark. */
import type { PrismTheme } from 'prism-react-renderer'

export const codeTheme: PrismTheme = {
  plain: { color: 'var(--ink)', backgroundColor: 'var(--paper-sunk)' },
  styles: [
    { types: ['comment', 'prolog'], style: { color: 'var(--code-comment)', fontStyle: 'italic' } },
    { types: ['keyword', 'builtin', 'boolean', 'tag'], style: { color: 'var(--code-keyword)' } },
    {
      types: ['string', 'char', 'regex', 'attr-value', 'template-string'],
      style: { color: 'var(--code-string)' },
    },
    { types: ['number', 'constant'], style: { color: 'var(--code-number)' } },
    { types: ['function', 'class-name'], style: { color: 'var(--code-name)' } },
    { types: ['inserted'], style: { color: 'var(--code-string)' } },
    { types: ['deleted'], style: { color: 'var(--warn)' } },
  ],
}
