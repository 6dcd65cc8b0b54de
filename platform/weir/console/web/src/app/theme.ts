/** The look in one place: one accent, system fonts, dense controls. Colours are AA in both schemes. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const water: MantineColorsTuple = [
  '#eaf7fa',
  '#d3ecf2',
  '#a4d8e4',
  '#71c2d6',
  '#48afc9',
  '#2b9db9',
  '#14819c',
  '#0b6b82',
  '#07566a',
  '#034354',
]

/** Dark surfaces in the hue of the accent; Mantine's own are warm. */
const slate: MantineColorsTuple = [
  '#dbe4e9',
  '#b9c5cc',
  '#96a5ae',
  '#75868f',
  '#3b4850',
  '#303c44',
  '#222d34',
  '#182127',
  '#11181d',
  '#0c1115',
]

const SANS =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans CJK KR', 'Liberation Sans', sans-serif"
const MONO =
  "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'Liberation Mono', 'Noto Sans Mono CJK KR', monospace"

export const theme = createTheme({
  colors: { water, dark: slate },
  primaryColor: 'water',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.32,
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.5', lg: '1.5', xl: '1.5' },
  headings: {
    fontFamily: SANS,
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.25' },
      h2: { fontSize: '1rem', lineHeight: '1.35' },
      h3: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs', fw: 500 } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    NativeSelect: { defaultProps: { size: 'xs' } },
    Tooltip: {
      defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: true } },
    },
    Tabs: { defaultProps: { keepMounted: false } },
    // The placeholder is a focusable thing in a menu that is no item of it.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    SegmentedControl: { defaultProps: { fw: 400 } },
    Badge: { defaultProps: { radius: 'sm', size: 'sm' } },
  },
})

/** Surfaces and the quiet text, which Mantine's own dimmed colour leaves below AA. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#fbfcfc',
    '--mantine-color-text': '#17232b',
    '--mantine-color-dimmed': '#55646e',
    '--mantine-color-placeholder': '#63717a',
    '--mantine-color-anchor': '#07566a',
    '--weir-surface': '#ffffff',
    '--weir-line': '#dde4e8',
    '--weir-hover': '#f0f5f7',
    '--weir-good': '#1b6e3c',
    '--weir-warn': '#8a4b00',
    '--weir-bad': '#b3261e',
    '--weir-good-fill': '#43a06a',
    '--weir-warn-fill': '#e0a13a',
    '--weir-bad-fill': '#d9534a',
    '--weir-none-fill': '#cfd8dd',
    '--weir-stream': '#cfe9f0',
    '--weir-stream-edge': '#2b9db9',
    '--weir-mark': '#fff1b8',
  },
  dark: {
    '--mantine-color-body': '#11181d',
    '--mantine-color-text': '#dbe4e9',
    '--mantine-color-dimmed': '#96a5ae',
    '--mantine-color-placeholder': '#96a5ae',
    '--mantine-color-anchor': '#71c2d6',
    '--weir-surface': '#182127',
    '--weir-line': '#2b373f',
    '--weir-hover': '#1f2a31',
    '--weir-good': '#79cf9b',
    '--weir-warn': '#edb968',
    '--weir-bad': '#ff9b92',
    '--weir-good-fill': '#3f9a65',
    '--weir-warn-fill': '#c98a2b',
    '--weir-bad-fill': '#d9605a',
    '--weir-none-fill': '#3a474f',
    '--weir-stream': '#173b46',
    '--weir-stream-edge': '#48afc9',
    '--weir-mark': '#5c4a10',
  },
})
