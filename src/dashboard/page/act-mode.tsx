import { useRef, useState } from 'preact/hooks';
import { canAct, type Operator } from './acting.ts';

interface ActModeProps {
  readonly operator: Operator | undefined;
  readonly onChange: (operator: Operator | undefined) => void;
}

/** Where somebody says who they are and that they may act; nothing where the page can only be looked at. */
export function ActMode({ operator, onChange }: ActModeProps) {
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState('');
  const [token, setToken] = useState('');
  const button = useRef<HTMLButtonElement>(null);
  if (!canAct()) return null;
  const isActing = operator !== undefined;
  const close = () => {
    setIsOpen(false);
    // The form takes the focus with it otherwise.
    button.current?.focus();
  };
  const begin = (event: Event) => {
    event.preventDefault();
    onChange({ who: name.trim(), token: token.trim() });
    setToken('');
    close();
  };
  return (
    <div class="act-mode">
      <button
        ref={button}
        type="button"
        class={isActing ? 'quiet acting' : 'quiet'}
        aria-expanded={isActing ? undefined : isOpen}
        onClick={() => (isActing ? onChange(undefined) : setIsOpen(!isOpen))}
      >
        {isActing ? `Acting as ${operator.who}. Stop` : 'Act'}
      </button>
      {isOpen && !isActing && (
        <form
          class="act"
          aria-label="Act"
          onSubmit={begin}
          onKeyDown={({ key }) => key === 'Escape' && close()}
        >
          <label>
            Your name
            <input
              required
              maxLength={40}
              pattern=".*\S.*"
              autocomplete="off"
              value={name}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
            />
          </label>
          <label>
            Token
            <input
              required
              type="password"
              autocomplete="off"
              value={token}
              onInput={({ currentTarget }) => setToken(currentTarget.value)}
            />
          </label>
          <button type="submit" class="quiet">
            Begin
          </button>
        </form>
      )}
    </div>
  );
}
