/** The sign of Weir: a stream that steps down. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="5" fill="#0b6b82" />
      <g fill="none" strokeLinecap="round">
        <path d="M3 8h9c3 0 3 8 6 8h3" stroke="#fff" strokeWidth="2.4" />
        <path d="M3 12.5h6.5c2.5 0 2.5 5.5 5 5.5" stroke="#9fdcea" strokeWidth="2" />
      </g>
    </svg>
  )
}
