/**
 * A loader that changes nothing: it tells the bundler which source files a chapter quotes, so that a chapter taken
 * from the cache is never older than the code it shows.
 */
const path = require('node:path')

module.exports = function quotedSources(markdown) {
  for (const [, target] of markdown.matchAll(/\]\(([\w./-]+\.ts)#[^)\s]+\)/g)) {
    this.addDependency(path.resolve(path.dirname(this.resourcePath), target))
  }
  return markdown
}
