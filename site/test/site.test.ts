/**
 * The site in a browser: both themes, a desktop and a phone. Pictures of every page go to the folder that SITE_PICTURES
 * names, to be looked at.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launch } from '../../course/launch.mjs'
import { labFolder, labs } from '../../course/manifest.ts'
import { type BuiltSite, builtSite } from './built-site.ts'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const hasBrowser = existsSync(executablePath)
if (!hasBrowser && process.env.CI !== 'true') {
  console.log(`skipped: the tests in a browser need Chromium at ${executablePath} (or where CHROMIUM says)`)
}

const pictures = process.env.SITE_PICTURES
const chapters = path.join(import.meta.dirname, '../../chapters')
const written = readdirSync(chapters).filter(file => file.endsWith('.md'))
const quoting = written.find(file => readFileSync(path.join(chapters, file), 'utf8').includes('.ts#'))
const chapter = `/chapters/${path.basename(quoting ?? written[0]!, '.md')}/`

/** For what a page shows a moment after it stands. */
const unhurried = { timeout: 10_000 }

const looks = [
  { theme: 'light', width: 1280, height: 900 },
  { theme: 'dark', width: 1280, height: 900 },
  { theme: 'light', width: 390, height: 844 },
  { theme: 'dark', width: 390, height: 844 },
] as const

describe.skipIf(!hasBrowser && process.env.CI !== 'true')('The site in a browser', () => {
  let site: BuiltSite
  let ownFiles: { address: string; close(): void }
  let browser: Browser

  beforeAll(async () => {
    if (!hasBrowser)
      throw new Error(`CI must have Chromium at ${executablePath}: install it, or set CHROMIUM`)
    ownFiles = await (await launch('course/page-files.ts')).servePageFiles()
    site = await builtSite(ownFiles.address)
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  }, 180_000)

  afterAll(async () => {
    await browser?.close()
    site?.stop()
    ownFiles?.close()
  })

  describe.each(looks)('$theme, $width pixels wide', look => {
    test.each(['/', chapter, '/explorer/', '/cable/', '/damage/', '/search/'])(
      '%s fits, is silent and asks nobody else',
      async address => {
        await using visit = await open(address, look)
        const { page, complaints, strangers } = visit
        await page.waitForLoadState('networkidle')
        if (pictures) {
          mkdirSync(pictures, { recursive: true })
          const name = `${address.replaceAll('/', '') || 'home'}-${look.theme}-${look.width}.png`
          await page.screenshot({ path: path.join(pictures, name), fullPage: true })
        }
        expect(complaints).toEqual([])
        expect(strangers).toEqual([])
        expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(look.theme)
        expect(await overflow(page), 'pixels that stick out at the right').toBe(0)
      },
    )
  })

  test('a chapter shows the code that it quotes, under the place it comes from', async () => {
    await using visit = await open(chapter)
    const title = visit.page.locator('.theme-code-block').filter({ hasText: 'reference-impl/src/' }).first()
    await title.waitFor()
    expect(await title.locator('pre').innerText()).toMatch(/\w/)
    expect(await visit.page.locator('a[href*="reference-impl"]').count()).toBe(0)
  })

  test('the sidebar lists every lab, and links those that are written', async () => {
    await using visit = await open(chapter)
    const lines = visit.page.locator('.menu__list-item')
    expect(await lines.count()).toBe(labs.length)
    for (const [index, lab] of labs.entries()) {
      const line = lines.nth(index)
      expect(await line.innerText()).toContain(lab.title)
      expect(await line.locator('a').count()).toBe(written.includes(`${labFolder(lab)}.md`) ? 1 : 0)
    }
  })

  test('a search for a word of a chapter finds that chapter', async () => {
    const { title } = labs.find(lab => chapter.includes(labFolder(lab)))!
    await using visit = await open(`/search/?q=${encodeURIComponent(title.split(/\W/)[0]!)}`)
    await visit.page.locator(`.container h2 a[href^="${chapter}"]`).first().waitFor()
  })

  test('the front page runs the version that one picks', async () => {
    await using visit = await open('/')
    const { page } = visit
    await page.getByText('cZxid = 0x3').waitFor()
    await page.getByLabel('done').check()
    await page.getByText('cZxid = 0x100000002').waitFor()
    expect(await page.getByText('✗').count()).toBe(0)
  })

  test('a cable that one cuts elsewhere tells another story, and the address keeps it', async () => {
    await using visit = await open('/cable/')
    const { page, complaints } = visit
    await page.getByText('Asking again would do it twice').waitFor()
    await page.getByLabel('asks again').check()
    await page.getByText('Some jobs are there twice').waitFor()
    await page.getByLabel('Cut the cable').fill('3')
    await page.getByText('Each job is there once').waitFor()
    await page.reload()
    await page.getByText('Cut the cable at frame 3 of 8').waitFor()
    await page.getByText('Each job is there once').waitFor()
    expect(complaints).toEqual([])
  })

  test('a log whose byte one clicks is damaged there, and the address keeps it', async () => {
    await using visit = await open('/damage/')
    const { page, complaints } = visit
    await page.getByText('A server starts, and has everything').waitFor()
    await page.locator('[data-at="120"]').click()
    await page.getByText('version-2/log.1, byte 77: the entry does not match its checksum').waitFor()
    await page.getByLabel('the file ends here').check()
    await page.getByText('A server starts with 1 of 5').waitFor()
    await page.reload()
    await page.getByText('A server starts with 1 of 5').waitFor()
    expect(complaints).toEqual([])
  })

  test('a page that the reader’s own file plays says which hole it has come to', async () => {
    await using visit = await open('/cable/')
    const { page, complaints } = visit
    await page.getByText('Asking again would do it twice').waitFor()
    await page.getByLabel('Played by').selectOption('10')
    await page
      .getByRole('alert')
      .getByText(/^Lab 10 [A-Z]: /)
      .waitFor()
    await page.getByLabel('Played by').selectOption('')
    await page.getByText('Asking again would do it twice').waitFor()
    expect(complaints).toEqual([])
  })

  describe('The byte explorer', () => {
    test('a field that changes, changes the bytes, the words and the address', async () => {
      await using visit = await open('/explorer/#record=CreateRequest')
      const { page, complaints } = visit
      await page.getByLabel('path ustring').fill('/a')
      expect(await hexOf(page)).toMatch(/^00 00 00 36 .* 00 00 00 02 2f 61 /)
      await page
        .getByRole('row', { name: /CreateRequest\.path/ })
        .getByText('"/a"')
        .waitFor()
      expect(page.url()).toContain('000000022f61')
      await page.reload()
      await expect.poll(() => page.getByLabel('path ustring').inputValue(), unhurried).toBe('/a')
      expect(complaints).toEqual([])
    })

    test('null and empty are different bytes', async () => {
      await using visit = await open('/explorer/#record=SetDataRequest&around=none')
      const { page } = visit
      await page.getByLabel('data buffer?').fill('')
      expect(await hexOf(page)).toBe('00 00 00 06 2f 68 65 6c 6c 6f 00 00 00 00 00 00 00 01')
      await page.locator('label:has-text("null")').nth(1).click()
      expect(await hexOf(page)).toBe('00 00 00 06 2f 68 65 6c 6c 6f ff ff ff ff 00 00 00 01')
    })

    test('a pasted message is known for what it is, and fills the form', async () => {
      await using visit = await open('/explorer/#record=Stat')
      const { page } = visit
      await paste(page, `0000002d${'00'.repeat(12)}00002710${'00'.repeat(8)}00000010${'00'.repeat(17)}`)
      await expect
        .poll(() => page.getByLabel('Record', { exact: true }).inputValue(), unhurried)
        .toBe('ConnectRequest')
      expect(await page.getByLabel('timeOut int').inputValue()).toBe('10000')
      await page.getByText('Read to the last of 49 bytes.').waitFor()
    })

    test('bytes that end too early are refused in the words of the reference, at their place', async () => {
      await using visit = await open('/explorer/#record=DeleteRequest&around=none&bytes=000000062f68')
      const { page } = visit
      const status = page.getByRole('status').filter({ hasText: 'MARSHALLINGERROR' })
      expect(await status.innerText()).toContain('DeleteRequest.path')
    })

    test('a number that does not fit is refused beside its field, and the bytes stay', async () => {
      await using visit = await open('/explorer/#record=DeleteRequest&around=none')
      const { page } = visit
      const before = await hexOf(page)
      await page.getByLabel('version int').fill('2147483648')
      await page.getByText('MARSHALLINGERROR').waitFor()
      expect(await hexOf(page)).toBe(before)
    })

    test('the keyboard walks the bytes and goes from a byte to its field', async () => {
      await using visit = await open('/explorer/#record=DeleteRequest&around=none')
      const { page } = visit
      await page.locator('[data-at="0"]').focus()
      for (const key of ['End', 'ArrowLeft', 'Enter']) await page.keyboard.press(key)
      await page.getByRole('status').getByText('DeleteRequest.version: 1, from byte 10 to byte 13').waitFor()
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('field-DeleteRequest.version')
    })

    test('every record opens without a complaint', async () => {
      await using visit = await open('/explorer/')
      const { page, complaints } = visit
      const choice = page.getByLabel('Record', { exact: true })
      for (const record of await choice.locator('option').allInnerTexts()) {
        await choice.selectOption(record)
        await page.getByText(/^Read to the last of/).waitFor()
        expect(await overflow(page)).toBe(0)
      }
      expect(complaints).toEqual([])
    })
  })

  interface Visit extends AsyncDisposable {
    page: Page
    /** What the browser's console said that is not mere talk. */
    complaints: string[]
    /** Addresses elsewhere that the page asked for. */
    strangers: string[]
  }

  async function open(address: string, look: (typeof looks)[number] = looks[0]): Promise<Visit> {
    const context: BrowserContext = await browser.newContext({
      colorScheme: look.theme,
      viewport: { width: look.width, height: look.height },
    })
    const page = await context.newPage()
    const complaints: string[] = []
    const strangers: string[] = []
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', error => complaints.push(error.message))
    page.on('request', request => {
      if (!request.url().startsWith(`${site.origin}/`)) strangers.push(request.url())
    })
    await page.goto(site.origin + address)
    await page.locator('html[data-has-hydrated="true"]').waitFor({ state: 'attached' })
    return { page, complaints, strangers, [Symbol.asyncDispose]: () => context.close() }
  }
})

function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

function hexOf(page: Page): Promise<string> {
  return page.getByLabel(/hexadecimal/).inputValue()
}

/** As from a clipboard, which a page without a person may not have. */
async function paste(page: Page, text: string): Promise<void> {
  const field = page.getByLabel(/hexadecimal/)
  await field.selectText()
  await field.evaluate(element => element.dispatchEvent(new ClipboardEvent('paste', { bubbles: true })))
  await page.keyboard.insertText(text)
}
