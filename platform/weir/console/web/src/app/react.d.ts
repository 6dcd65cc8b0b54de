import 'react'

declare module 'react' {
  interface CSSProperties {
    /** Custom properties by which a component tells its stylesheet a number. */
    [property: `--${string}`]: string | number | undefined
  }
}
