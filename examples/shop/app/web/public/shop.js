/** The page: sends orders, shows the list, and looks again while one is open. */
const form = document.querySelector('#order');
const message = document.querySelector('#message');
const rows = document.querySelector('#orders');
let timer;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { item, quantity } = Object.fromEntries(new FormData(form));
  void attempt(async () => {
    const order = await ask('/api/orders', {
      method: 'POST',
      body: JSON.stringify({ item, quantity: Number(quantity) }),
    });
    message.textContent = `Order ${order.id} is on its way to a worker.`;
    await show();
  });
});

void attempt(show);

async function show() {
  clearTimeout(timer);
  const orders = await ask('/api/orders');
  rows.replaceChildren(...(orders.length ? orders.map(rowOf) : [emptyRow()]));
  const open = orders.some((order) => order.status !== 'done');
  timer = setTimeout(() => void attempt(show), open ? 400 : 5000);
}

function rowOf(order) {
  const status = cell(order.status === 'done' ? `packed by ${order.packedBy}` : order.status, order.status);
  const row = document.createElement('tr');
  row.append(cell(order.id), cell(order.item), cell(order.quantity, 'number'), status);
  return row;
}

function emptyRow() {
  const row = document.createElement('tr');
  const only = cell('No orders yet.');
  only.colSpan = 4;
  row.append(only);
  return row;
}

function cell(text, className = '') {
  const element = document.createElement('td');
  element.textContent = text;
  element.className = className;
  return element;
}

async function ask(path, init = {}) {
  const response = await fetch(path, { ...init, headers: { 'content-type': 'application/json' } });
  const value = await response.json();
  if (!response.ok) throw new Error(value.error);
  return value;
}

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    message.textContent = `That did not work: ${error.message}`;
    clearTimeout(timer);
    timer = setTimeout(() => void attempt(show), 2000);
  }
}
