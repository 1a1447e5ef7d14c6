// The words of a try_call's handler table between selection and emission: number of items, then three words an item.

/** What an item [kind, x, edge] is. */
export const enum HandlerItem {
  /** x: operand index of the context value that applies to the items behind. */
  Context,
  /** x: tag. */
  Tag,
  Default,
}
