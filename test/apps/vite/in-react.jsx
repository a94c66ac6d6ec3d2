import { createClient } from 'oocsi-client';
import { useEffect, useState } from 'react';

const oocsi = createClient(new URLSearchParams(location.search).get('server'), { handle: 'react_####' });

export function InReact() {
  const [heard, setHeard] = useState('nothing yet');
  const [status, setStatus] = useState(oocsi.state.status);
  useEffect(() => oocsi.subscribe('app', ({ sender, data }) => setHeard(`${sender}: ${data.text}`)), []);
  useEffect(() => oocsi.on('state', (now) => setStatus(now.status)), []);
  return (
    <p>
      React is {status} and heard {heard}
      <button type="button" onClick={() => oocsi.send('app', { text: 'hello from React' })}>
        Say hello from React
      </button>
    </p>
  );
}
