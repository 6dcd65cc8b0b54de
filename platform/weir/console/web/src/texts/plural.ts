/** Counts in words. A language lists only the forms that it has. */

type Forms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>

/** `counter('en')(3, { one: '# event', other: '# events' })` is "3 events". */
export function counter(language: string): (count: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language)
  const digits = new Intl.NumberFormat(language)
  return (count, forms) =>
    (forms[rules.select(count)] ?? forms.other).replace('#', digits.format(count))
}
