/** A part of a text, in UTF-16 units. */
interface Part {
  readonly offset: number;
  readonly length: number;
}

/** A text with marks around its parts, the outer ones before the inner. `marksOf`: what opens a part, and what closes it. */
export function withMarks<Entity extends Part>(
  text: string,
  entities: readonly Entity[],
  marksOf: (entity: Entity) => readonly [open: string, close: string],
): string {
  const marks = entities.flatMap((entity, index) => {
    const [open, close] = marksOf(entity);
    const { offset, length } = entity;
    return [
      { at: offset, order: 1_000 + index, mark: open },
      { at: offset + length, order: 1_000 - index, mark: close },
    ];
  });
  marks.sort((a, b) => b.at - a.at || b.order - a.order);
  return marks.reduce((out, { at, mark }) => out.slice(0, at) + mark + out.slice(at), text);
}
