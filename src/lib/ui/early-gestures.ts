type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** What a field had when it was last touched. */
interface Typed {
	value: string;
	isChecked: boolean;
	/** the caret; null where there is none */
	selection: [number, number] | null;
	/** whoever typed has gone on from it */
	isChanged: boolean;
}

/** Whoever does one of these may want something of it next. */
const FIRST_SIGNS = ['pointerover', 'pointerdown', 'focusin', 'keydown', 'input', 'change'];

/**
 * What somebody does to a part of a page whose script is not there yet: kept, to be done again when it
 * is. Text stays where it was typed, links lead where they lead.
 */
export class EarlyGestures {
	#element: HTMLElement;
	#pressed = new Set<HTMLElement>();
	#keys: { target: EventTarget; event: KeyboardEvent }[] = [];
	#typed = new Map<Field, Typed>();
	#listening = new AbortController();

	/** @param onsign is called with every sign that somebody comes to it, also from before */
	constructor(element: HTMLElement, onsign: () => void) {
		this.#element = element;
		const options = { capture: true, signal: this.#listening.signal };
		for (const sign of FIRST_SIGNS) element.addEventListener(sign, onsign, options);
		element.addEventListener('click', this.#keepPress, options);
		element.addEventListener('keydown', this.#keepKey, options);
		for (const kind of ['input', 'change'] as const) {
			element.addEventListener(
				kind,
				({ target }) => this.#note(target, kind === 'change'),
				options
			);
		}
		for (const field of element.querySelectorAll<Field>('input, textarea, select')) {
			if (isTouched(field)) this.#note(field, field !== document.activeElement);
		}
		const isHere = element.contains(document.activeElement);
		if (isHere || this.#typed.size > 0 || element.matches(':hover')) onsign();
	}

	/** It is left to the browser again, and nothing is kept any more. */
	stop(): void {
		this.#listening.abort();
	}

	/** Does again what was done: the script is there; or it cannot be had, and forms are sent without. */
	replay(): void {
		this.stop();
		for (const [field, typed] of this.#typed) putBack(field, typed);
		for (const { target, event } of this.#keys) {
			target.dispatchEvent(new KeyboardEvent('keydown', event));
		}
		for (const pressed of this.#pressed) if (pressed.isConnected) pressed.click();
	}

	#keepPress = (event: MouseEvent) => {
		const button = event.target instanceof Element ? event.target.closest('button') : null;
		if (!button || !this.#element.contains(button)) return;
		event.preventDefault();
		event.stopPropagation();
		this.#pressed.add(button);
	};

	/** What is typed stays as text. */
	#keepKey = (event: KeyboardEvent) => {
		if (!event.altKey || !event.key.startsWith('Arrow') || !event.target) return;
		event.preventDefault();
		this.#keys.push({ target: event.target, event });
	};

	#note(field: EventTarget | null, isChanged: boolean): void {
		if (!isField(field)) return;
		const isChecked = field instanceof HTMLInputElement && field.checked;
		this.#typed.set(field, { value: field.value, isChecked, selection: caretOf(field), isChanged });
	}
}

const isField = (target: EventTarget | null): target is Field =>
	target instanceof HTMLInputElement ||
	target instanceof HTMLTextAreaElement ||
	target instanceof HTMLSelectElement;

const isTick = (field: Field): field is HTMLInputElement =>
	field.type === 'checkbox' || field.type === 'radio';

/** It has something else than what it came with. */
function isTouched(field: Field): boolean {
	if (field instanceof HTMLSelectElement) {
		const byDefault = [...field.options].findIndex(({ defaultSelected }) => defaultSelected);
		return field.selectedIndex !== Math.max(0, byDefault);
	}
	return isTick(field)
		? field.checked !== field.defaultChecked
		: field.value !== field.defaultValue;
}

function caretOf(field: Field): [number, number] | null {
	if (field instanceof HTMLSelectElement || field.selectionStart === null) return null;
	return [field.selectionStart, field.selectionEnd ?? field.selectionStart];
}

/** Hydration gives a field what the server knows of it. */
function putBack(field: Field, { value, isChecked, selection, isChanged }: Typed): void {
	if (isTick(field)) field.checked = isChecked;
	else if (field.type !== 'file' && field.value !== value) {
		field.value = value;
		if (selection && !(field instanceof HTMLSelectElement)) field.setSelectionRange(...selection);
	}
	const tell = (kind: 'input' | 'change') =>
		field.dispatchEvent(new Event(kind, { bubbles: true }));
	tell('input');
	if (isChanged) tell('change');
	else whenLeft(field, () => tell('change'));
}

/** A browser says nothing when a field is left whose text a script has put there. */
function whenLeft(field: Field, action: () => void): void {
	const listening = new AbortController();
	const { signal } = listening;
	field.addEventListener('change', () => listening.abort(), { signal });
	field.addEventListener(
		'blur',
		() => {
			listening.abort();
			action();
		},
		{ signal, capture: true }
	);
}
