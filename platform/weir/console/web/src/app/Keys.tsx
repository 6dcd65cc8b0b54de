/** The keys, shown to people. */
import { Group, Kbd, Modal, Table } from '@mantine/core'
import { useTexts } from '../texts/texts'
import { PAGES } from './pages'

export default function Keys({ close }: { close: () => void }) {
  const { keys, pages } = useTexts().shell
  const rows: [string[], string][] = [
    [['Ctrl', 'K'], keys.search],
    [['/'], keys.filter],
    [['j', 'k'], keys.rows],
    [['Enter'], keys.open],
    ...PAGES.map(({ key, jump }): [string[], string] => [['g', jump], keys.go(pages[key])]),
    [['?'], keys.help],
  ]
  return (
    <Modal opened onClose={close} title={keys.title} closeButtonProps={{ 'aria-label': 'Esc' }}>
      <Table withRowBorders={false} verticalSpacing={4}>
        <Table.Tbody>
          {rows.map(([pressed, text]) => (
            <Table.Tr key={pressed.join()}>
              <Table.Td w={110}>
                <Group gap={4}>
                  {pressed.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </Group>
              </Table.Td>
              <Table.Td>{text}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  )
}
