/** Starts the console. */
import './app/mantine.css'
import './app/look.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { createConsoleRouter } from './app/router'

const place = document.getElementById('root')
if (!place) throw new Error('index.html has no element with the id "root".')
createRoot(place).render(
  <StrictMode>
    <App router={createConsoleRouter()} />
  </StrictMode>,
)
