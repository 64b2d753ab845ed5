declare module '*.jute' {
  const text: string
  export default text
}

declare module '*.module.css' {
  const classes: Readonly<Record<string, string>>
  export default classes
}
