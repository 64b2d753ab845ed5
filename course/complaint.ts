/**
 * Something that the tool cannot go on from and that the person at the keyboard can mend. Its message says what to
 * do; it is printed as it is, without a stack. Told apart by its name: every verb is a program of its own.
 */
export class Complaint extends Error {
  override readonly name = 'Complaint'
}
