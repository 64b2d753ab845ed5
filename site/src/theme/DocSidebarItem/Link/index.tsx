/** A line of the sidebar: the number of the lab and its title; without a link while it is only planned. */

import Link from '@docusaurus/Link'
import { isActiveSidebarItem } from '@docusaurus/plugin-content-docs/client'
import Translate from '@docusaurus/Translate'
import { ThemeClassNames } from '@docusaurus/theme-common'
import type { Props } from '@theme/DocSidebarItem/Link'
import clsx from 'clsx'
import type { ReactNode } from 'react'

export default function DocSidebarItemLink({
  item,
  onItemClick,
  activePath,
  level,
  index: _index,
  ...props
}: Props): ReactNode {
  const { number, planned } = (item.customProps ?? {}) as { number?: string; planned?: boolean }
  const active = !planned && isActiveSidebarItem(item, activePath)
  const label = (
    <>
      {number !== undefined && <span className="sidebar-number">{number}</span>}
      <span className="sidebar-label">{item.label}</span>
    </>
  )
  return (
    <li
      className={clsx(
        ThemeClassNames.docs.docSidebarItemLink,
        ThemeClassNames.docs.docSidebarItemLinkLevel(level),
        'menu__list-item',
        item.className,
      )}
    >
      {planned ? (
        <span className="menu__link menu__link--planned">
          {label}
          <Soon />
        </span>
      ) : (
        <Link
          className={clsx('menu__link', active && 'menu__link--active')}
          aria-current={active ? 'page' : undefined}
          to={item.href}
          onClick={onItemClick ? () => onItemClick(item) : undefined}
          {...props}
        >
          {label}
        </Link>
      )}
    </li>
  )
}

export function Soon(): ReactNode {
  return (
    <small className="soon">
      <Translate id="course.soon" description="Beside a chapter that is not written yet">
        soon
      </Translate>
    </small>
  )
}
