/** Lays a large graph out beside the page, which goes on answering. */
import { place, type LayoutTask } from './layout'

onmessage = ({ data }: MessageEvent<{ number: number; task: LayoutTask }>) => {
  postMessage({ number: data.number, placed: place(data.task) })
}
