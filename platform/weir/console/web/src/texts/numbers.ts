/** Numbers and times in the viewer's language. */
import { useMemo } from 'react'
import { useSpeech } from './texts'

export interface Formats {
  /** 12,345 */
  number: (value: number) => string
  /** 12.3K, for places where the digits would not fit; the full number goes into the title. */
  short: (value: number) => string
  /** 12.5% of a share between 0 and 1. */
  percent: (share: number) => string
  /** 12 ms, 1.2 s, 3 min 20 s */
  seconds: (value: number) => string
  /** 1.2 MB */
  bytes: (value: number) => string
  /** 21 Nov 2026, 14:05 in the viewer's zone. */
  time: (at: Date) => string
  /** 2 hours ago */
  ago: (at: Date, now: Date) => string
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]

export function formats(language: string): Formats {
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 2 })
  const compact = new Intl.NumberFormat(language, {
    notation: 'compact',
    maximumFractionDigits: 1,
  })
  const share = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const ago = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const unit = (name: 'millisecond' | 'second' | 'minute', value: number, digits: number) =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(value)

  const sizes = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
  const size = (value: number) => {
    const power = value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), sizes.length - 1)
    return new Intl.NumberFormat(language, {
      style: 'unit',
      unit: sizes[power],
      unitDisplay: power === 0 ? 'long' : 'short',
      maximumFractionDigits: power === 0 ? 0 : 1,
    }).format(value / 1000 ** power)
  }

  return {
    bytes: size,
    number: (value) => whole.format(value),
    short: (value) => compact.format(value),
    percent: (value) => share.format(value),
    seconds: (value) => {
      if (value > 0 && value < 0.1) return unit('millisecond', Math.ceil(value * 1000), 0)
      if (value < 60) return unit('second', value, 1)
      const whole = Math.round(value)
      return `${unit('minute', Math.floor(whole / 60), 0)} ${unit('second', whole % 60, 0)}`
    },
    time: (at) => time.format(at),
    ago: (at, now) => {
      const seconds = (at.getTime() - now.getTime()) / 1000
      const [name, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
      return ago.format(Math.trunc(seconds / size), name)
    },
  }
}

export function useFormats(): Formats {
  const { language } = useSpeech()
  return useMemo(() => formats(language), [language])
}

/** The name of the zone in which the viewer reads times, such as Asia/Seoul. */
export const viewerZone = Intl.DateTimeFormat().resolvedOptions().timeZone
