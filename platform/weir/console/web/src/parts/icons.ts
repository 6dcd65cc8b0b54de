/** One size and stroke for all icons; the icons themselves are imported where they are used. */
export const ICON = { size: 16, stroke: 1.75, 'aria-hidden': true } as const
